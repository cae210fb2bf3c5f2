/* What the modes of the load client share. */

#ifndef LOAD_H
#define LOAD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

/* Seconds without any answer after which the server is taken for gone. */
#define PATIENCE 5

/* What is read at once, and what one call may send, in octets. */
#define BLOCK (256 * 1024)

/* Connections at the most, messages under way on each, and octets of one. */
#define MOST_CONNECTIONS 20000
#define MOST_UNDER_WAY 4096
#define MOST_SIZE (1 << 20)

/* Seconds that a load may last. */
#define MOST_SECONDS 120

/* Latencies are kept to one part in 32: so many steps for each power of two. */
#define STEPS 32
#define BUCKETS (STEPS * 60)

struct load {
    const char *host;
    const char *greeting; /* a line for each connection; # is its number */
    int port;
    int connections;
    int size;
    int under_way;
    double seconds;
    uint64_t most; /* messages; 0 for as many as the time allows */
    int waits;     /* in step with whoever reads our output */
    int awake;     /* never sleeps */
};

struct tally {
    uint64_t messages; /* answered, or delivered */
    uint64_t octets;
    uint64_t errors; /* lost, or not what they should be */
    uint64_t began, ended;
    uint64_t latencies[BUCKETS];
};

/* Nanoseconds of a clock that never goes back. */
uint64_t now(void);

/* One message took so many nanoseconds. */
void note(struct tally *tally, uint64_t nanoseconds);

/* One line of JSON; latencies in microseconds. */
void tell(const struct tally *tally);

/* Say what is wrong in one line, and end. */
void fail(const char *what) __attribute__((noreturn));
void fail_errno(const char *what) __attribute__((noreturn));

/* A socket that is connected and does not block; kind is SOCK_STREAM or _DGRAM. */
int dial(const struct load *load, int kind);

/* What epoll finds within some milliseconds; 0 if that is nothing. */
int find(const struct load *load, int poller, struct epoll_event *events, int most,
         int milliseconds);

/* Octets that do not repeat before their end. */
void fill(unsigned char *octets, size_t size);

/* All is connected: wait for a line, if that was asked for. */
void ready(const struct load *load);

/* What has been done may be told: whether to go on with another message. */
int more(const struct load *load, const struct tally *tally, uint64_t sent);

/* The modes. */
void echo_mode(const struct load *load, struct tally *tally);
void fan_mode(const struct load *load, struct tally *tally);
void datagram_mode(const struct load *load, struct tally *tally);

#endif
