/* Words and numbers on the screen, as sprites: the score display, the act's card, the tally at its end. */
#include "game.h"

#define CARD_STAYS 40
#define SLIDE 10      /* pixels a frame */
#define COUNTED 50    /* points a frame */
#define TICK 3        /* frames between two ticks, as a mask */
#define AT_LEAST 150  /* frames of tally */
#define AFTER 50
#define MOST_TIME_BONUS 5000

static u16 time_bonus, ring_bonus, tally_age, done_age;

static void put_text(s16 x, s16 y, const char *text)
{
    for (; *text; text++, x += 8)
        if (*text != ' ')
            add_sprite(x, y, SIZE(1, 1), (TILE_FONT + (*text - '0')) | PALETTE(0) | PRIORITY);
}

static void put_title(s16 x, s16 y, const char *text)
{
    for (; *text; text++, x += 16)
        if (*text != ' ')
            add_sprite(x, y, SIZE(2, 2),
                       (TILE_BIG + (letter_number(*text) << 2)) | PALETTE(0) | PRIORITY);
}

/* Decimal digits by subtraction: the 68000's division would need a library. */
static void put_number(s16 x, s16 y, u32 value, u16 digits)
{
    static const u32 powers[] = {1, 10, 100, 1000, 10000, 100000};
    char text[7], *p = text;
    while (digits--) {
        char digit = '0';
        while (value >= powers[digits] && digit < '9') {
            value -= powers[digits];
            digit++;
        }
        *p++ = digit;
    }
    *p = 0;
    put_text(x, y, text);
}

void draw_hud(void)
{
    add_sprite(12, 8, SIZE(4, 1), TILE_WORDS | PALETTE(0) | PRIORITY);
    put_number(52, 8, score, 6);
    add_sprite(12, 20, SIZE(4, 1), (TILE_WORDS + 4) | PALETTE(0) | PRIORITY);
    put_number(52, 20, minutes, 1);
    put_text(60, 20, ":");
    put_number(68, 20, seconds, 2);
    add_sprite(12, 32, SIZE(4, 1), (TILE_WORDS + 8) | PALETTE(0) | PRIORITY);
    put_number(52, 32, rings, 3);
    add_sprite(12, 204, SIZE(2, 2), TILE_LIFE | PALETTE(0) | PRIORITY);
    put_number(30, 208, lives, 1);
}

static s16 centred(const char *text)
{
    s16 x = 160;
    while (*text++)
        x -= 8;
    return x;
}

void draw_card(u16 age)
{
    char act[] = "ACT 0";
    s16 away = age > CARD_STAYS ? (s16)(age - CARD_STAYS) * SLIDE : 0;
    if (away > 320)
        return;
    put_title(centred(level->name) - away, 72, level->name);
    if (!level->number)
        return;
    act[4] += level->number;
    put_title(168 + away, 96, act);
}

void load_card(void)
{
    char digit[2] = {'0' + level->number, 0};
    load_letters(level->name);
    load_letters("ACT");
    load_letters(digit);
}

void draw_game_over(void)
{
    put_title(centred("GAME OVER"), 96, "GAME OVER");
}

void start_tally(void)
{
    u16 i;
    time_bonus = MOST_TIME_BONUS;
    for (i = 0; i < minutes * 60u + seconds && time_bonus > 0; i++)
        time_bonus -= 20;
    ring_bonus = 0;
    for (i = 0; i < rings; i++)
        ring_bonus += 10;
    tally_age = done_age = 0;
    load_letters("CLEAR");
    play_sound(SOUND_GOAL);
    play_music(MUSIC_CLEAR);
}

static u16 count(u16 *bonus)
{
    u16 part = *bonus > COUNTED ? COUNTED : *bonus;
    *bonus -= part;
    score += part;
    return part;
}

u8 run_tally(void)
{
    s16 from_right = tally_age < 20 ? (20 - (s16)tally_age) << 4 : 0;
    put_title(88 - from_right, 48, "ACT CLEAR");
    put_text(96 + from_right, 74, "TIME BONUS");
    put_number(192 + from_right, 74, time_bonus, 5);
    put_text(96 + from_right, 88, "RING BONUS");
    put_number(192 + from_right, 88, ring_bonus, 5);
    if (++tally_age > 40 && (time_bonus || ring_bonus)) {
        count(&time_bonus);
        count(&ring_bonus);
        if (!(tally_age & TICK))
            play_sound(SOUND_TALLY);
        done_age = 0;
    } else {
        done_age++;
    }
    return tally_age >= AT_LEAST && done_age >= AFTER;
}
