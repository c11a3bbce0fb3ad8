/* A few effects on the PSG: a tone that slides, or noise. */
#include "game.h"

#define PSG (*(volatile u8 *)0xC00011)

typedef struct {
    u16 period;
    s8 slide;
    u8 length, noise;
} Effect;

static const Effect effects[] = {
    {380, -6, 16, 0}, {90, -1, 10, 0},  {300, -9, 14, 0}, {160, 3, 18, 0}, {200, 12, 24, 0},
    {0, 0, 18, 1},    {420, -12, 18, 0}, {120, -2, 40, 0}, {0, 0, 8, 1},
};

static u16 period;
static s8 slide;
static u8 left, noise;

void start_sound(void)
{
    PSG = 0x9F;
    PSG = 0xBF;
    PSG = 0xDF;
    PSG = 0xFF;
}

void play_sound(u8 sound)
{
    const Effect *e = &effects[sound];
    period = e->period;
    slide = e->slide;
    left = e->length;
    noise = e->noise;
}

void run_sound(void)
{
    u8 volume;
    if (!left)
        return;
    left--;
    volume = left ? (left > 12 ? 3 : 15 - left) : 15;
    if (noise) {
        PSG = 0xE5;
        PSG = 0xF0 | volume;
        return;
    }
    period += slide;
    PSG = 0x80 | (period & 15);
    PSG = (period >> 4) & 0x3F;
    PSG = 0x90 | volume;
    if (!left)
        PSG = 0x9F;
}
