/* An echo server on epoll: the floor that the others are compared with.
 *
 *     echo tcp | fan | udp
 *
 * It listens on 127.0.0.1, prints its port, and runs until it is killed. It does
 * what a server of its kind has to, and no more: it reads, and sends what it has
 * read; what the kernel does not take at once is kept, and nothing read until then.
 * As fan it sends what comes on one connection on all others, and whoever does not
 * take it all is dropped.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 512
#define BLOCK (64 * 1024)
#define MOST 20000

struct peer {
    int fd;
    size_t unsent, length;
    char *kept;
};

static struct peer *peers[MOST];
static int peer_count, poller, fan;
static char block[BLOCK];

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void poll_for(struct peer *peer, uint32_t events, int operation)
{
    struct epoll_event event = {.events = events, .data.ptr = peer};
    if (epoll_ctl(poller, operation, peer->fd, &event) < 0)
        fail("epoll_ctl");
}

static void drop(struct peer *peer)
{
    for (int i = 0; i < peer_count; i++)
        if (peers[i] == peer)
            peers[i] = peers[--peer_count];
    close(peer->fd);
    free(peer->kept);
    free(peer);
}

static void welcome(int listening)
{
    int one = 1, fd;
    while (peer_count < MOST) {
        fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK);
        if (fd < 0)
            return;
        struct peer *peer = calloc(1, sizeof *peer);
        if (peer == NULL)
            fail("calloc");
        peer->fd = fd;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        poll_for(peer, EPOLLIN, EPOLL_CTL_ADD);
        peers[peer_count++] = peer;
    }
}

/* Keep what was not taken, and read no more until it is. */
static void keep(struct peer *peer, const char *rest, size_t length)
{
    peer->kept = malloc(length);
    if (peer->kept == NULL)
        fail("malloc");
    memcpy(peer->kept, rest, length);
    peer->unsent = peer->length = length;
    poll_for(peer, EPOLLOUT, EPOLL_CTL_MOD);
}

static void push(struct peer *peer)
{
    char *from = peer->kept + (peer->length - peer->unsent);
    ssize_t n = send(peer->fd, from, peer->unsent, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) {
        drop(peer);
        return;
    }
    peer->unsent -= n > 0 ? (size_t)n : 0;
    if (peer->unsent == 0) {
        free(peer->kept);
        peer->kept = NULL;
        poll_for(peer, EPOLLIN, EPOLL_CTL_MOD);
    }
}

static void send_all_others(const struct peer *speaker, size_t length)
{
    for (int i = peer_count - 1; i >= 0; i--)
        if (peers[i] != speaker &&
            send(peers[i]->fd, block, length, MSG_NOSIGNAL) != (ssize_t)length)
            shutdown(peers[i]->fd, SHUT_RDWR);
}

static void take(struct peer *peer)
{
    ssize_t n = recv(peer->fd, block, BLOCK, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        drop(peer);
        return;
    }
    if (fan) {
        send_all_others(peer, (size_t)n);
        return;
    }
    ssize_t sent = send(peer->fd, block, (size_t)n, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN)
        drop(peer);
    else if (sent < n)
        keep(peer, block + (sent > 0 ? sent : 0), (size_t)(n - (sent > 0 ? sent : 0)));
}

static void datagrams(int fd)
{
    struct sockaddr_storage from;
    for (;;) {
        socklen_t length = sizeof from;
        ssize_t n = recvfrom(fd, block, BLOCK, 0, (struct sockaddr *)&from, &length);
        if (n < 0)
            return;
        sendto(fd, block, (size_t)n, 0, (struct sockaddr *)&from, length);
    }
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "tcp";
    int udp = strcmp(what, "udp") == 0, kind = udp ? SOCK_DGRAM : SOCK_STREAM;
    struct sockaddr_in here = {.sin_family = AF_INET};
    socklen_t length = sizeof here;
    struct epoll_event events[EVENTS];
    struct peer listening = {.fd = socket(AF_INET, kind | SOCK_NONBLOCK, 0)};
    fan = strcmp(what, "fan") == 0;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listening.fd, (struct sockaddr *)&here, length) < 0)
        fail("bind");
    if (!udp && listen(listening.fd, 1024) < 0)
        fail("listen");
    getsockname(listening.fd, (struct sockaddr *)&here, &length);
    printf("%d\n", ntohs(here.sin_port));
    fflush(stdout);
    poller = epoll_create1(0);
    poll_for(&listening, EPOLLIN, EPOLL_CTL_ADD);
    for (;;) {
        int count = epoll_wait(poller, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            struct peer *peer = events[i].data.ptr;
            if (peer != &listening)
                (events[i].events & EPOLLOUT && peer->unsent ? push : take)(peer);
            else if (udp)
                datagrams(listening.fd);
            else
                welcome(listening.fd);
        }
    }
}
