/* Music on five FM channels and noise; effects on the sixth, square waves and, while they last, the noise.
   builder/notation.py says what the bytes of a piece mean. */
#include "game.h"

#define FM ((volatile u8 *)0xA04000)
#define PSG (*(volatile u8 *)0xC00011)

enum { EFFECT_FM = 5, EFFECT_TONE = 6, EFFECT_NOISE = 9, MUSIC_NOISE = 10, CHANNELS = 11, FM_CHANNELS = 6 };
enum { END = 0x80, LOOP, REST, BEND, ENVELOPE };
#define INSTRUMENT_BYTES 26
#define SILENT 255      /* a level, in sixteenths of 2 dB below full */
#define REV_FRAMES 30   /* a press this soon after another sounds higher */
#define REV_SEMITONES 2
#define MOST_REV 10

typedef struct {
    const u8 *start, *at;   /* its events, and the next one; no next one while it is silent */
    u16 pitch;              /* FM: block and frequency number; square waves: period; 0 for a rest */
    s8 bend;                /* added to the pitch every frame */
    u8 raised;              /* semitones above what is written */
    u8 left;                /* frames until the next event */
    u8 loudness, decay;     /* of square waves and noise */
    u8 level;
} Track;

extern const u8 *const effects[];

static const u16 fm_base[12] = {644, 682, 723, 766, 811, 859, 910, 965, 1022, 1083, 1147, 1215};
static const u16 tone_base[12] = {6841, 6457, 6095, 5753, 5430, 5125, 4837, 4566, 4310, 4068, 3839, 3624};

static Track tracks[CHANNELS];
static u8 rev_raised, rev_left;
static u8 wanted, playing; /* songs */

static void write_port(volatile u8 *port, u8 number, u8 value)
{
    while (FM[0] & 0x80)
        ;
    port[0] = number;
    port[1] = value;
}

static void write_fm(u8 channel, u8 number, u8 value)
{
    if (channel < 3)
        write_port(FM, number + channel, value);
    else
        write_port(FM + 2, number + channel - 3, value);
}

static void key(u8 channel, u8 operators)
{
    write_port(FM, 0x28, operators | (channel < 3 ? channel : channel + 1));
}

/* Whether an effect has the music's noise. */
static u8 muted(u8 channel)
{
    return channel == MUSIC_NOISE && tracks[EFFECT_NOISE].at;
}

static void set_volume(u8 channel, u8 level)
{
    u8 number = channel == MUSIC_NOISE ? 3 : channel - EFFECT_TONE;
    tracks[channel].level = level;
    if (!muted(channel))
        PSG = 0x90 | (number << 5) | (level >> 4);
}

static void set_pitch(u8 channel, u16 pitch)
{
    if (channel < FM_CHANNELS) {
        write_fm(channel, 0xA4, pitch >> 8);
        write_fm(channel, 0xA0, pitch);
    } else {
        PSG = 0x80 | ((channel - EFFECT_TONE) << 5) | (pitch & 15);
        PSG = (pitch >> 4) & 0x3F;
    }
}

static void silence(u8 channel)
{
    if (channel < FM_CHANNELS)
        key(channel, 0);
    else
        set_volume(channel, SILENT);
}

static void load_instrument(u8 channel, const u8 *instrument)
{
    u8 number;
    write_fm(channel, 0xB0, *instrument++);
    write_fm(channel, 0xB4, *instrument++);
    for (number = 0x30; number < 0x90; number += 4)
        write_fm(channel, number, *instrument++);
}

/* Silence it at once, without its instrument's release. */
static void stop_track(u8 channel)
{
    u8 number;
    tracks[channel].at = 0;
    silence(channel);
    if (channel < FM_CHANNELS)
        for (number = 0x80; number < 0x90; number += 4)
            write_fm(channel, number, 0x0F);
}

/* A word at any address: without volatile, the compiler reads one at once, and the 68000 traps where that is odd. */
static u16 word_at(const volatile u8 *at)
{
    return (at[0] << 8) | at[1];
}

static void start_piece(const u8 *piece, u8 raised)
{
    u8 count = *piece++;
    while (count--) {
        u8 channel = *piece++;
        Track *track = &tracks[channel];
        u16 length = word_at(piece);
        piece += 2;
        stop_track(channel);
        if (channel < FM_CHANNELS)
            piece += INSTRUMENT_BYTES;
        track->start = track->at = piece;
        track->bend = 0;
        track->raised = raised;
        track->left = 1;
        piece += length;
    }
}

static void play_note(u8 channel, u8 note)
{
    Track *track = &tracks[channel];
    u8 octave = note >> 4, semitone = (note & 15) + track->raised;
    while (semitone >= 12) {
        semitone -= 12;
        octave++;
    }
    if (channel < FM_CHANNELS) {
        key(channel, 0);
        track->pitch = (octave << 11) | fm_base[semitone];
        set_pitch(channel, track->pitch);
        key(channel, 0xF0);
    } else {
        track->pitch = tone_base[semitone] >> octave;
        set_pitch(channel, track->pitch);
    }
}

static void play_event(u8 channel, u8 event)
{
    Track *track = &tracks[channel];
    track->left = *track->at++;
    if (event == REST || muted(channel)) {
        track->pitch = 0;
        silence(channel);
        return;
    }
    if (channel < EFFECT_NOISE)
        play_note(channel, event);
    else
        PSG = 0xE6 - event; /* white noise: 0 rumbles, 2 hisses */
    if (channel >= FM_CHANNELS)
        set_volume(channel, (15 - track->loudness) << 4);
}

/* Obey commands up to the next note or rest. */
static void read_events(u8 channel)
{
    Track *track = &tracks[channel];
    if (track->at == track->start && channel < FM_CHANNELS)
        load_instrument(channel, track->start - INSTRUMENT_BYTES);
    for (;;) {
        u8 event = *track->at++;
        switch (event) {
        case LOOP:
            track->at = track->start;
            track->bend = 0;
            break;
        case BEND:
            track->bend = *track->at++;
            break;
        case ENVELOPE:
            track->loudness = *track->at++;
            track->decay = *track->at++;
            break;
        case END:
            silence(channel);
            track->at = 0;
            return;
        default:
            play_event(channel, event);
            return;
        }
    }
}

/* Square waves and noise have no envelope of their own. */
static void fade(u8 channel)
{
    Track *track = &tracks[channel];
    u8 level = SILENT;
    if (track->level < SILENT - track->decay && !muted(channel))
        level = track->level + track->decay;
    if ((track->level ^ level) & 0xF0)
        set_volume(channel, level);
    else
        track->level = level;
}

static void run_track(u8 channel)
{
    Track *track = &tracks[channel];
    if (!track->at)
        return;
    if (!--track->left) {
        read_events(channel);
        return;
    }
    if (track->bend && track->pitch) {
        track->pitch += track->bend;
        set_pitch(channel, track->pitch);
    }
    if (channel >= FM_CHANNELS)
        fade(channel);
}

void start_sound(void)
{
    u8 channel;
    wanted = playing = MUSIC_NONE;
    write_port(FM, 0x22, 0x0B); /* vibrato: 6 times a second */
    write_port(FM, 0x27, 0);
    write_port(FM, 0x2B, 0);
    for (channel = 0; channel < CHANNELS; channel++)
        stop_track(channel);
}

void play_sound(u8 sound)
{
    if (sound != SOUND_REV) {
        start_piece(effects[sound], 0);
        return;
    }
    if (!rev_left)
        rev_raised = 0;
    else if (rev_raised < MOST_REV)
        rev_raised += REV_SEMITONES;
    rev_left = REV_FRAMES;
    start_piece(effects[sound], rev_raised);
}

static void start_song(u8 song)
{
    u8 channel;
    for (channel = 0; channel < EFFECT_FM; channel++)
        stop_track(channel);
    stop_track(MUSIC_NOISE);
    if (song != MUSIC_NONE)
        start_piece(songs[song], 0);
    playing = song;
}

void play_music(u8 song)
{
    wanted = song;
    start_song(music_on ? song : MUSIC_NONE);
}

void run_sound(void)
{
    u8 channel;
    if (music_on && playing != wanted) /* turned on in the middle of an act */
        start_song(wanted);
    if (rev_left)
        rev_left--;
    for (channel = 0; channel < CHANNELS; channel++)
        run_track(channel);
}
