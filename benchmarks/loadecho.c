/* Echo over TCP: each connection has some messages under way.
 *
 * What a connection sends is one pattern again and again, as long as a message.
 * So what has to come next, and what has to be sent next, follows from how many
 * octets there were before.
 */

#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 1024

struct connection {
    int fd;
    int polled_to_write;
    uint64_t asked, sent, received; /* octets; asked is what is to be sent */
    uint64_t *times;                /* when the messages under way were asked for */
};

static struct connection connections[MOST_CONNECTIONS];
static unsigned char *pattern;
static size_t pattern_length;
static unsigned char block[BLOCK];
static int poller;

/* As many copies of a message as make a block, and one more to begin inside of. */
static void make_pattern(size_t size)
{
    size_t copies = BLOCK / size + 2;
    pattern_length = copies * size;
    pattern = malloc(pattern_length);
    if (pattern == NULL)
        fail("no memory");
    fill(pattern, size);
    for (size_t i = 1; i < copies; i++)
        memcpy(pattern + i * size, pattern, size);
}

static void poll_for(struct connection *c, int writing, int operation)
{
    struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0)};
    event.data.ptr = c;
    c->polled_to_write = writing;
    if (epoll_ctl(poller, operation, c->fd, &event) < 0)
        fail_errno("epoll");
}

static void push(const struct load *load, struct connection *c)
{
    while (c->sent < c->asked) {
        size_t offset = c->sent % (size_t)load->size, length = c->asked - c->sent;
        if (length > BLOCK)
            length = BLOCK;
        ssize_t n = send(c->fd, pattern + offset, length, MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN)
            break;
        if (n < 0)
            fail_errno("the server is gone");
        c->sent += (uint64_t)n;
    }
    if ((c->sent < c->asked) != c->polled_to_write)
        poll_for(c, c->sent < c->asked, EPOLL_CTL_MOD);
}

static void ask(const struct load *load, struct connection *c)
{
    uint64_t message = c->asked / (uint64_t)load->size;
    c->times[message % (uint64_t)load->under_way] = now();
    c->asked += (uint64_t)load->size;
}

/* Note what has come; how many messages are complete with it. */
static int take(const struct load *load, struct connection *c, struct tally *tally)
{
    uint64_t size = (uint64_t)load->size, time, before = c->received / size;
    ssize_t n = recv(c->fd, block, BLOCK, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
        return 0;
    if (n <= 0)
        fail(n ? "the server is gone" : "the server has closed a connection");
    if (memcmp(block, pattern + c->received % size, (size_t)n))
        fail("an answer is not what was sent");
    c->received += (uint64_t)n;
    if (c->received > c->sent)
        fail("more has come back than was sent");
    tally->octets += (uint64_t)n;
    time = now();
    for (uint64_t i = before; i < c->received / size; i++)
        note(tally, time - c->times[i % (uint64_t)load->under_way]);
    return (int)(c->received / size - before);
}

/* Until all that was asked for has been answered; ask again while that is due. */
static void answer(const struct load *load, struct tally *tally, uint64_t asked)
{
    struct epoll_event events[EVENTS];
    uint64_t most = load->most ? load->most : UINT64_MAX;
    int again = 1;
    while (tally->messages < asked) {
        int count = find(load, poller, events, EVENTS, PATIENCE * 1000);
        if (count == 0)
            fail("the server does not answer any more");
        again = again && more(load, tally, asked);
        for (int i = 0; i < count; i++) {
            struct connection *c = events[i].data.ptr;
            int complete = take(load, c, tally);
            for (; again && complete && asked < most; complete--, asked++)
                ask(load, c);
            push(load, c);
        }
    }
}

static void start(const struct load *load, struct tally *tally, int under_way)
{
    uint64_t asked = (uint64_t)load->connections * (uint64_t)under_way;
    tally->began = now();
    for (int i = 0; i < load->connections; i++) {
        for (int k = 0; k < under_way; k++)
            ask(load, &connections[i]);
        push(load, &connections[i]);
    }
    answer(load, tally, asked);
    tally->ended = now();
}

void echo_mode(const struct load *load, struct tally *tally)
{
    struct load once = *load;
    once.most = 1;
    make_pattern((size_t)load->size);
    poller = epoll_create1(0);
    for (int i = 0; i < load->connections; i++) {
        connections[i].fd = dial(load, SOCK_STREAM);
        connections[i].times = calloc((size_t)load->under_way, sizeof(uint64_t));
        poll_for(&connections[i], 0, EPOLL_CTL_ADD);
    }
    start(&once, tally, 1); /* all have been accepted when this is over */
    ready(load);
    memset(tally, 0, sizeof *tally);
    start(load, tally, load->under_way);
    tell(tally);
    ready(load);
}
