/* A load client for chats on this machine: many people in one room.
 *
 *     chatload PORT -c MEMBERS -g GREETING -i IN [-w WELCOME -j JOIN] [-p PREFIX]
 *                   [-x SENDERS] [-k UNDER_WAY] [-s SIZE] [-t SECONDS] [-n MESSAGES]
 *                   [-d DEAF] [-o FIRST] [-b COMING]
 *
 * Each member sends GREETING (% is its number, from FIRST on), JOIN when a line has
 * WELCOME in it, and is in the room when a line has IN in it; COMING are not yet in,
 * at the most. When all are, and nothing more comes, it prints "ready". For each line
 * that it reads then, it talks: SENDERS have UNDER_WAY messages of SIZE octets under
 * way each, PREFIX before them; a message is there when all members but its sender
 * have it. One line of JSON tells deliveries, seconds, errors, and latencies in
 * microseconds. The last DEAF members do not read from then on, and are not waited
 * for. At the end of its input it ends.
 */

#include "chatload.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BLOCK (256 * 1024)
#define EVENTS 256
#define SETTLING 200 /* milliseconds of silence when all are in */

struct chat load = {.greeting = "%", .in = "", .prefix = "", .members = 2,
                    .senders = 1, .each = 1, .size = 64, .coming = 256,
                    .seconds = 0.5, .most = UINT64_MAX};

struct member *members;
static int poller, present, has_line;
static char block[BLOCK + 1];

uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void fail(const char *what)
{
    fprintf(stderr, "chatload: %s\n", what);
    exit(1);
}

void tell(struct member *m, const char *text, size_t length)
{
    if (send(m->fd, text, length, 0) != (ssize_t)length)
        fail("the server does not take what is sent");
}

/* Send a text in which % is the member's number. */
static void tell_number(struct member *m, const char *text)
{
    char line[LINE];
    size_t length = 0;
    for (; *text && length < LINE - 16; text++)
        length += (size_t)(*text == '%' ? sprintf(line + length, "%ld", m - members + load.first)
                                        : sprintf(line + length, "%c", *text));
    tell(m, line, length);
}

static void line_received(struct member *m, char *line, size_t length)
{
    char *at = memchr(line, '$', length);
    if (began && at != NULL && line + length - at > HEAD) {
        delivered(m, at);
        return;
    }
    line[length] = 0;
    if (strncmp(line, "PING", 4) == 0)
        tell(m, "PONG :x\r\n", 9);
    if (!m->in && load.welcome && strstr(line, load.welcome))
        tell_number(m, load.join);
    if (!m->in && strstr(line, load.in))
        present += m->in = 1;
}

static void keep(struct member *m, const char *octets, size_t length)
{
    if (m->length + length >= LINE)
        fail("a line is too long");
    memcpy(m->line + m->length, octets, length);
    m->length += length;
}

static void hear(struct member *m)
{
    ssize_t n = recv(m->fd, block, BLOCK, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0)
        fail(n ? "the server is gone" : "the server has closed a connection");
    moment = now();
    for (char *from = block, *end = block + n; from < end;) {
        char *lf = memchr(from, '\n', (size_t)(end - from));
        if (lf == NULL) {
            keep(m, from, (size_t)(end - from));
            return;
        }
        if (m->length) {
            keep(m, from, (size_t)(lf - from));
            line_received(m, m->line, m->length);
            m->length = 0;
        } else {
            line_received(m, from, (size_t)(lf - from));
        }
        from = lf + 1;
    }
}

int listen_once(int milliseconds)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(poller, events, EVENTS, milliseconds);
    for (int i = 0; i < count; i++)
        if (events[i].data.ptr == NULL)
            has_line = 1;
        else
            hear(events[i].data.ptr);
    return count;
}

static void watch(int fd, void *whose)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = whose};
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
}

static void enter(struct member *m)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)load.port)};
    int one = 1;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    m->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(m->fd, (struct sockaddr *)&to, sizeof to) < 0)
        fail("the server does not listen");
    setsockopt(m->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    watch(m->fd, m);
    tell_number(m, load.greeting);
}

static void enter_all(void)
{
    for (int i = 0; i < load.members; i++) {
        enter(&members[i]);
        while (listen_once(i - present < load.coming ? 0 : PATIENCE) > 0)
            continue;
    }
    while (present < load.members)
        if (listen_once(PATIENCE) <= 0)
            fail("not everybody gets into the room");
    while (listen_once(SETTLING) > 0)
        continue;
    for (int i = load.members - load.deaf; i < load.members; i++)
        epoll_ctl(poller, EPOLL_CTL_DEL, members[i].fd, NULL);
}

static void read_options(int argc, char **argv)
{
    static const char **const texts['z'] = {
        ['g'] = &load.greeting, ['i'] = &load.in, ['w'] = &load.welcome,
        ['j'] = &load.join, ['p'] = &load.prefix};
    static int *const numbers['z'] = {
        ['c'] = &load.members, ['x'] = &load.senders, ['k'] = &load.each,
        ['s'] = &load.size, ['d'] = &load.deaf, ['o'] = &load.first,
        ['b'] = &load.coming};
    load.port = atoi(argv[1]);
    for (int o; (o = getopt(argc - 1, argv + 1, "c:g:i:w:j:p:x:k:s:t:n:d:o:b:")) != -1;)
        if (o == 't')
            load.seconds = atof(optarg);
        else if (o == 'n')
            load.most = (uint64_t)atof(optarg);
        else if (texts[o])
            *texts[o] = optarg;
        else if (numbers[o])
            *numbers[o] = atoi(optarg);
        else
            exit(2);
    if (load.members < 2 || load.members > MOST_MEMBERS || load.senders < 1
        || load.senders > MOST_SENDERS || load.senders > load.members - load.deaf
        || load.each < 1 || load.each > MOST_EACH || load.deaf < 0
        || load.size < HEAD + 3 || load.size > 400)
        fail("that can't be");
}

int main(int argc, char **argv)
{
    struct rlimit files;
    char line[16];
    if (argc < 2)
        fail("say PORT [options]");
    read_options(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    members = calloc((size_t)load.members, sizeof *members);
    poller = epoll_create1(0);
    enter_all();
    puts("ready");
    fflush(stdout);
    watch(STDIN_FILENO, NULL);
    for (;; talk_once()) {
        for (has_line = 0; !has_line;)
            listen_once(-1);
        if (read(STDIN_FILENO, line, sizeof line) <= 0)
            return 0;
    }
}
