/* What the two parts of the load client for chats share. */

#ifndef CHATLOAD_H
#define CHATLOAD_H

#include <stddef.h>
#include <stdint.h>

#define MOST_MEMBERS 20000
#define MOST_SENDERS 64
#define MOST_EACH 256 /* messages under way of one sender */
#define LINE 8192
#define PATIENCE 10000        /* milliseconds until the server is taken for gone */
#define HEAD (1 + 4 + 8 + 16) /* $, sender, number, time, in hexadecimal */

struct member {
    int fd, in;
    size_t length; /* of what has come of a line */
    uint32_t next[MOST_SENDERS];
    char line[LINE];
};

struct chat {
    const char *greeting, *welcome, *join, *in, *prefix;
    int port, members, senders, each, size, deaf, first, coming;
    double seconds;
    uint64_t most; /* messages */
};

extern struct chat load;
extern struct member *members;

/* When the talk began, and what was read last came; 0 if not yet. */
extern uint64_t began, moment;

/* Nanoseconds of a clock that never goes back. */
uint64_t now(void);

/* Say what is wrong in one line, and end. */
void fail(const char *what) __attribute__((noreturn));

/* Send octets for a member. */
void tell(struct member *m, const char *text, size_t length);

/* Read what comes within some milliseconds; 0 if that is nothing. */
int listen_once(int milliseconds);

/* Somebody has got a message, which begins there. */
void delivered(struct member *m, const char *at);

/* Have the senders talk, and print what came of it. */
void talk_once(void);

#endif
