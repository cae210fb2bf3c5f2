/* Fan-out: one connection speaks, all others listen.
 *
 * A message is a line: @, the number of the message and the time at which it was
 * sent, both in hexadecimal, and x until it is as long as was asked for. A server
 * may put something before the @ (a name, say), and send lines without one, which
 * do not count. Each listener has to get every message, in order.
 */

#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 256

/* The longest line that is understood; what a server puts before is in it. */
#define LINE 8192

/* @, 8 digits, 16 digits, CR LF. */
#define LEAST_SIZE 27

/* Before the first message the speaker says this, until all have heard it: a
 * connection stands before its server knows of it. So long has to be silence
 * afterwards, in milliseconds; and so often it is said at the most. */
#define TEST 0xffffffff
#define SETTLING 100
#define TESTS 50

struct listener {
    int fd;
    size_t length; /* of what has come of a line */
    uint64_t next; /* number of the message that is due */
    int hears;
    char line[LINE];
};

static struct listener *listeners;
static char block[BLOCK];
static int poller;

static void heard(struct listener *l, struct tally *tally)
{
    unsigned long long number, time;
    char *at = memchr(l->line, '@', l->length);
    l->line[l->length] = 0;
    if (at == NULL || l == listeners) /* some servers send a speaker its own */
        return;
    if (sscanf(at, "@%8llx%16llx", &number, &time) != 2)
        fail("a message is not what was sent");
    if (number == TEST) {
        l->hears = 1;
        return;
    }
    if (number != l->next)
        tally->errors++;
    l->next = number + 1;
    note(tally, now() - time);
    tally->octets += l->length;
}

static void hear(struct listener *l, struct tally *tally)
{
    ssize_t n = recv(l->fd, block, BLOCK, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0)
        fail(n ? "the server is gone" : "the server has closed a connection");
    for (char *from = block, *end = block + n; from < end;) {
        char *lf = memchr(from, '\n', (size_t)(end - from));
        size_t length = (size_t)((lf ? lf + 1 : end) - from);
        if (l->length + length >= LINE)
            fail("a line is too long");
        memcpy(l->line + l->length, from, length);
        l->length += length;
        from += length;
        if (lf) {
            heard(l, tally);
            l->length = 0;
        }
    }
}

/* Take part; greet, if the server wants to be greeted. The first one speaks. */
static void join(const struct load *load, int number)
{
    struct epoll_event event = {.events = EPOLLIN};
    char greeting[LINE];
    size_t length = 0;
    listeners[number].fd = dial(load, SOCK_STREAM);
    event.data.ptr = &listeners[number];
    epoll_ctl(poller, EPOLL_CTL_ADD, listeners[number].fd, &event);
    if (load->greeting == NULL)
        return;
    for (const char *c = load->greeting; *c && length < LINE - 16; c++)
        length += (size_t)(*c == '#' ? sprintf(greeting + length, "%d", number)
                                     : sprintf(greeting + length, "%c", *c));
    length += (size_t)sprintf(greeting + length, "\r\n");
    if (send(listeners[number].fd, greeting, length, 0) != (ssize_t)length)
        fail_errno("the server does not take the greeting");
}

static int listen_once(const struct load *load, struct tally *tally, int timeout)
{
    struct epoll_event events[EVENTS];
    int count = find(load, poller, events, EVENTS, timeout);
    for (int i = 0; i < count; i++)
        hear(events[i].data.ptr, tally);
    return count;
}

static void say(const struct load *load, uint64_t number)
{
    static char line[LINE];
    size_t length = (size_t)load->size;
    memset(line, 'x', length);
    sprintf(line, "@%08llx%016llx", (unsigned long long)number,
            (unsigned long long)now());
    if (length > LEAST_SIZE)
        line[LEAST_SIZE - 2] = 'x';
    memcpy(line + length - 2, "\r\n", 2);
    if (send(listeners[0].fd, line, length, 0) != (ssize_t)length)
        fail_errno("the server does not take a message");
}

/* How many messages all listeners have heard, together. */
static uint64_t delivered(const struct load *load)
{
    uint64_t sum = 0;
    for (int i = 1; i <= load->connections; i++)
        sum += listeners[i].next;
    return sum;
}

static void test(const struct load *load, struct tally *tally)
{
    for (int tests = 0, hearing = 0; hearing < load->connections; tests++) {
        if (tests == TESTS)
            fail("not every listener hears the speaker");
        say(load, TEST);
        while (listen_once(load, tally, SETTLING) > 0)
            continue;
        hearing = 0;
        for (int i = 1; i <= load->connections; i++)
            hearing += listeners[i].hears;
    }
}

static void speak_and_listen(const struct load *load, struct tally *tally)
{
    uint64_t said = 0, listening = (uint64_t)load->connections;
    uint64_t window = (uint64_t)load->under_way * listening, open = 0;
    int again = 1;
    while (again || open > 0) {
        for (; again && open + listening <= window; open += listening) {
            say(load, said++);
            again = more(load, tally, said);
        }
        if (open > 0 && listen_once(load, tally, PATIENCE * 1000) == 0)
            fail("not every listener gets every message");
        open = said * listening - delivered(load);
    }
}

void fan_mode(const struct load *load, struct tally *tally)
{
    if (load->size < LEAST_SIZE || load->size >= LINE / 2)
        fail("a message of this mode has 27 to 4095 octets");
    listeners = calloc((size_t)load->connections + 1, sizeof *listeners);
    if (listeners == NULL)
        fail("no memory");
    poller = epoll_create1(0);
    for (int i = 0; i <= load->connections; i++)
        join(load, i);
    test(load, tally);
    ready(load);
    memset(tally, 0, sizeof *tally);
    tally->began = now();
    speak_and_listen(load, tally);
    tally->ended = now();
    tell(tally);
    ready(load);
}
