/* Echo over UDP: some datagrams under way on each socket, in batches.
 *
 * A datagram begins with its number and the time at which it was sent. They come
 * back in order, as the way is within this machine; a number that is left out is
 * a datagram that was lost.
 */

#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH 64
#define EVENTS 256

/* After so many milliseconds of silence, what is under way is lost. */
#define SILENCE 500

struct head {
    uint64_t number, time;
};

struct source {
    int fd;
    uint64_t sent, next; /* numbers of the next to be sent, and to come back */
};

static struct source *sources;
static struct mmsghdr messages[BATCH];
static struct iovec pieces[BATCH];
static unsigned char *octets; /* room for a batch */
static unsigned char *pattern;
static int poller;

static void make_batch(const struct load *load)
{
    octets = malloc((size_t)load->size * BATCH);
    pattern = malloc((size_t)load->size);
    sources = calloc((size_t)load->connections, sizeof *sources);
    if (octets == NULL || pattern == NULL || sources == NULL)
        fail("no memory");
    fill(pattern, (size_t)load->size);
    for (int i = 0; i < BATCH; i++) {
        pieces[i].iov_base = octets + (size_t)i * (size_t)load->size;
        messages[i].msg_hdr.msg_iov = &pieces[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
}

static void prepare(const struct load *load, uint64_t number, int count)
{
    struct head head = {.time = now()};
    for (int i = 0; i < count; i++) {
        head.number = number + (uint64_t)i;
        memcpy(pieces[i].iov_base, pattern, (size_t)load->size);
        memcpy(pieces[i].iov_base, &head, sizeof head);
        pieces[i].iov_len = (size_t)load->size;
    }
}

/* Send until as many are under way as may be. */
static void push(const struct load *load, struct source *s)
{
    while (s->sent - s->next < (uint64_t)load->under_way) {
        uint64_t room = (uint64_t)load->under_way - (s->sent - s->next);
        int count = room < BATCH ? (int)room : BATCH;
        prepare(load, s->sent, count);
        int n = sendmmsg(s->fd, messages, (unsigned)count, MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0)
            fail_errno("the server is gone");
        s->sent += (uint64_t)n;
    }
}

static void check(const struct load *load, struct source *s, int i, struct tally *tally)
{
    struct head head;
    unsigned char *got = pieces[i].iov_base;
    size_t size = (size_t)load->size, rest = size - sizeof head;
    memcpy(&head, got, sizeof head);
    if (messages[i].msg_len != size || messages[i].msg_hdr.msg_flags & MSG_TRUNC ||
        memcmp(got + sizeof head, pattern + sizeof head, rest))
        fail("an answer is not what was sent");
    if (head.number < s->next || head.number >= s->sent) {
        tally->errors++; /* too late, or twice */
        return;
    }
    tally->errors += head.number - s->next;
    s->next = head.number + 1;
    tally->octets += size;
    note(tally, now() - head.time);
}

static void take(const struct load *load, struct source *s, struct tally *tally)
{
    for (int i = 0; i < BATCH; i++)
        pieces[i].iov_len = (size_t)load->size;
    int count = recvmmsg(s->fd, messages, BATCH, MSG_DONTWAIT, NULL);
    if (count < 0 && errno != EAGAIN)
        fail_errno("the server is gone");
    for (int i = 0; i < count; i++)
        check(load, s, i, tally);
}

static uint64_t under_way(const struct load *load)
{
    uint64_t sum = 0;
    for (int i = 0; i < load->connections; i++)
        sum += sources[i].sent - sources[i].next;
    return sum;
}

static void give_up(const struct load *load, struct tally *tally)
{
    tally->errors += under_way(load);
    for (int i = 0; i < load->connections; i++)
        sources[i].next = sources[i].sent;
}

static void run(const struct load *load, struct tally *tally)
{
    struct epoll_event events[EVENTS];
    uint64_t heard = now();
    for (int again = 1;;) {
        again = again && more(load, tally, tally->messages + under_way(load));
        for (int i = 0; again && i < load->connections; i++)
            push(load, &sources[i]);
        if (under_way(load) == 0)
            return;
        int count = find(load, poller, events, EVENTS, SILENCE);
        for (int i = 0; i < count; i++)
            take(load, events[i].data.ptr, tally);
        if (count > 0)
            heard = now();
        else
            give_up(load, tally);
        if (now() - heard > PATIENCE * 1000000000ull)
            fail("the server does not answer any more");
    }
}

void datagram_mode(const struct load *load, struct tally *tally)
{
    if (load->size < (int)sizeof(struct head) || load->size > 65507)
        fail("a datagram of this mode has 16 to 65507 octets");
    make_batch(load);
    poller = epoll_create1(0);
    for (int i = 0; i < load->connections; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &sources[i]};
        sources[i].fd = dial(load, SOCK_DGRAM);
        epoll_ctl(poller, EPOLL_CTL_ADD, sources[i].fd, &event);
    }
    ready(load);
    tally->began = now();
    run(load, tally);
    tally->ended = now();
    tell(tally);
    ready(load);
}
