/* What is said in the room, and who has heard it. */

#include "chatload.h"

#include <stdio.h>
#include <string.h>

#define LONGEST 2000000 /* microseconds; what takes longer counts as that */

uint64_t began, moment;
static uint64_t said[MOST_SENDERS], complete[MOST_SENDERS], talk;
static uint32_t heard_by[MOST_SENDERS][MOST_EACH];
static uint64_t deliveries, errors;
static uint32_t latencies[LONGEST + 1];

static void say(int sender)
{
    char line[LINE], *at = line + strlen(strcpy(line, load.prefix));
    memset(at, 'x', (size_t)load.size);
    sprintf(at, "$%04x%08x%016llx", sender, (unsigned)said[sender],
            (unsigned long long)now());
    at[HEAD] = 'x';
    memcpy(at + load.size - 2, "\r\n", 2);
    heard_by[sender][said[sender]++ % (unsigned)load.each] = 0;
    talk++;
    tell(&members[sender], line, (size_t)(at - line + load.size));
}

static int more(void)
{
    return talk < load.most && (double)(now() - began) < load.seconds * 1e9;
}

static uint64_t hexadecimal(const char *text, int digits)
{
    uint64_t value = 0;
    for (int i = 0; i < digits; i++)
        value = value << 4 | (uint64_t)((text[i] & 15) + (text[i] >> 6) * 9);
    return value;
}

void delivered(struct member *m, const char *at)
{
    unsigned sender = (unsigned)hexadecimal(at + 1, 4);
    uint32_t number = (uint32_t)hexadecimal(at + 5, 8);
    uint64_t took = (moment - hexadecimal(at + 13, 16)) / 1000;
    int others = load.members - load.deaf - 1;
    if (sender >= (unsigned)load.senders || m - members == sender)
        fail("a message is not what was sent");
    errors += number != m->next[sender];
    m->next[sender] = number + 1;
    latencies[took < LONGEST ? took : LONGEST]++;
    deliveries++;
    if (++heard_by[sender][number % (unsigned)load.each] == (uint32_t)others)
        complete[sender]++;
}

static double percentile(double part)
{
    uint64_t wanted = (uint64_t)((double)deliveries * part), seen = 0;
    for (int i = 0; i <= LONGEST; i++)
        if ((seen += latencies[i]) > wanted)
            return i;
    return 0;
}

void talk_once(void)
{
    uint64_t open = 1;
    memset(latencies, 0, sizeof latencies);
    deliveries = errors = talk = 0;
    began = now();
    for (int again = 1; again || open;) {
        open = 0;
        for (int s = 0; s < load.senders; s++) {
            while (said[s] - complete[s] < (uint64_t)load.each && (again = more()))
                say(s);
            open += said[s] - complete[s];
        }
        if (open && listen_once(PATIENCE) <= 0)
            fail("not everybody gets every message");
    }
    printf("{\"deliveries\": %llu, \"seconds\": %.6f, \"errors\": %llu, "
           "\"p50\": %.0f, \"p99\": %.0f}\n",
           (unsigned long long)deliveries, (double)(now() - began) / 1e9,
           (unsigned long long)errors, percentile(0.5), percentile(0.99));
    fflush(stdout);
}
