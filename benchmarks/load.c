/* A load client for servers on this machine.
 *
 *     load MODE HOST PORT [-c CONNECTIONS] [-s SIZE] [-k UNDER_WAY] [-t SECONDS]
 *                         [-n MESSAGES] [-g GREETING] [-w] [-a]
 *
 * echo       each connection has UNDER_WAY messages of SIZE octets under way
 * fan        one connection sends lines, CONNECTIONS others receive each of them
 * datagrams  like echo, over UDP
 *
 * Every answer is compared with what was sent. At the end one line of JSON tells
 * messages, seconds, octets, errors, and latencies in microseconds. With -w it
 * prints "ready" when all are connected, and reads a line before it begins and
 * another before it closes: so that others can look at the server in between.
 * With -a it stays awake: it asks again and again instead of waiting. Then no send
 * of the server has to wake a process, as none has when the client is elsewhere.
 */

#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void fail(const char *what)
{
    fprintf(stderr, "load: %s\n", what);
    exit(1);
}

void fail_errno(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* Below 2 * STEPS each value has its own; then each power of two has STEPS. */
static int bucket_of(uint64_t value)
{
    int shift = 0;
    while (value >> shift >= 2 * STEPS)
        shift++;
    int bucket = shift * STEPS + (int)(value >> shift);
    return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

static double value_of(int bucket)
{
    int shift = bucket < STEPS ? 0 : bucket / STEPS - 1;
    return (double)(bucket - shift * STEPS) * (double)(1ull << shift);
}

void note(struct tally *tally, uint64_t nanoseconds)
{
    tally->messages++;
    tally->latencies[bucket_of(nanoseconds)]++;
}

static double percentile(const struct tally *tally, double part)
{
    uint64_t wanted = (uint64_t)((double)tally->messages * part), seen = 0;
    for (int i = 0; i < BUCKETS; i++) {
        seen += tally->latencies[i];
        if (seen > wanted)
            return value_of(i) / 1000;
    }
    return 0;
}

void tell(const struct tally *tally)
{
    printf("{\"messages\": %llu, \"seconds\": %.6f, \"octets\": %llu, "
           "\"errors\": %llu, \"p50\": %.1f, \"p99\": %.1f}\n",
           (unsigned long long)tally->messages,
           (double)(tally->ended - tally->began) / 1e9,
           (unsigned long long)tally->octets, (unsigned long long)tally->errors,
           percentile(tally, 0.5), percentile(tally, 0.99));
    fflush(stdout);
}

void fill(unsigned char *octets, size_t size)
{
    uint32_t state = 2463534242u; /* xorshift, which has 2^32 - 1 states */
    for (size_t i = 0; i < size; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        octets[i] = (unsigned char)state;
    }
}

static socklen_t address(const struct load *load, struct sockaddr_storage *to)
{
    memset(to, 0, sizeof *to);
    struct sockaddr_in *four = (struct sockaddr_in *)to;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)to;
    if (strcmp(load->host, "::1") == 0) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons((uint16_t)load->port);
        six->sin6_addr = in6addr_loopback;
        return sizeof *six;
    }
    four->sin_family = AF_INET;
    four->sin_port = htons((uint16_t)load->port);
    four->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return sizeof *four;
}

int dial(const struct load *load, int kind)
{
    struct sockaddr_storage to;
    socklen_t length = address(load, &to);
    int one = 1, fd = socket(to.ss_family, kind, 0);
    if (fd < 0)
        fail_errno("no socket");
    if (connect(fd, (struct sockaddr *)&to, length) < 0)
        fail_errno("the server does not listen");
    if (kind == SOCK_STREAM)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

int find(const struct load *load, int poller, struct epoll_event *events, int most,
         int milliseconds)
{
    uint64_t end = now() + (uint64_t)milliseconds * 1000000u;
    int count;
    do
        count = epoll_wait(poller, events, most, load->awake ? 0 : milliseconds);
    while (load->awake && count == 0 && now() < end);
    if (count < 0 && errno != EINTR)
        fail_errno("epoll");
    return count < 0 ? 0 : count;
}

void ready(const struct load *load)
{
    char line[16];
    if (!load->waits)
        return;
    puts("ready");
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL)
        exit(0);
}

int more(const struct load *load, const struct tally *tally, uint64_t sent)
{
    if (load->most && sent >= load->most)
        return 0;
    return (double)(now() - tally->began) < load->seconds * 1e9;
}

/* A number of an option; how large it may be is a limit of ours. */
static double number(const char *text, double least, double most)
{
    char *end;
    double value = strtod(text, &end);
    if (*end || end == text || !(value >= least && value <= most)) {
        fprintf(stderr, "load: %s is not from %.0f to %.0f\n", text, least, most);
        exit(2);
    }
    return value;
}

static void read_options(struct load *load, int argc, char **argv)
{
    for (int option; (option = getopt(argc, argv, "c:s:k:t:n:g:wa")) != -1;) {
        if (option == 'c')
            load->connections = (int)number(optarg, 1, MOST_CONNECTIONS);
        else if (option == 's')
            load->size = (int)number(optarg, 1, MOST_SIZE);
        else if (option == 'k')
            load->under_way = (int)number(optarg, 1, MOST_UNDER_WAY);
        else if (option == 't')
            load->seconds = number(optarg, 0, MOST_SECONDS);
        else if (option == 'n')
            load->most = (uint64_t)number(optarg, 0, 1e12);
        else if (option == 'g')
            load->greeting = optarg;
        else if (option == 'w')
            load->waits = 1;
        else if (option == 'a')
            load->awake = 1;
        else
            exit(2);
    }
}

static void (*mode_of(const char *name))(const struct load *, struct tally *)
{
    if (strcmp(name, "echo") == 0)
        return echo_mode;
    if (strcmp(name, "fan") == 0)
        return fan_mode;
    if (strcmp(name, "datagrams") == 0)
        return datagram_mode;
    fail("the modes are echo, fan and datagrams");
}

int main(int argc, char **argv)
{
    static struct tally tally;
    struct load load = {.connections = 1, .size = 64, .under_way = 1, .seconds = 1};
    struct rlimit files;
    if (argc < 4)
        fail("say MODE HOST PORT [options]");
    void (*mode)(const struct load *, struct tally *) = mode_of(argv[1]);
    load.host = argv[2];
    if (strcmp(load.host, "127.0.0.1") && strcmp(load.host, "::1"))
        fail("the host is 127.0.0.1 or ::1");
    load.port = (int)number(argv[3], 1, 65535);
    read_options(&load, argc - 3, argv + 3);
    signal(SIGPIPE, SIG_IGN);
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    mode(&load, &tally);
    return 0;
}
