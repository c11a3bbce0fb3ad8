/* Quillrush: shared types. Speeds are 8.8 fixed point, pixels a frame; positions are whole pixels with a 16-bit fraction. */
#ifndef GAME_H
#define GAME_H

typedef unsigned char u8;
typedef signed char s8;
typedef unsigned short u16;
typedef short s16;
typedef unsigned int u32;
typedef int s32;

/* ---- the RAM contract: Sonic 2's addresses ---- */

typedef struct {
    u8 unused_00[8];
    u16 x, x_fraction;      /* 08 */
    u16 y, y_fraction;      /* 0C */
    s16 x_vel, y_vel;       /* 10 */
    s16 inertia;            /* 14: speed along the ground */
    u8 unused_16[12];
    u8 status;              /* 22 */
    u8 unused_23;
    u8 routine;             /* 24 */
    u8 unused_25;
    u8 angle;               /* 26 */
    u8 unused_27[0x12];
    u8 spindash_flag;       /* 39 */
    u16 spindash_counter;   /* 3A */
} Player;

#define FACING_LEFT 1
#define AIRBORNE 2
#define ROLLING 4
#define ROUTINE_CONTROL 2
#define ROUTINE_HURT 4
#define ROUTINE_DEAD 6

#define RAM(type, address) (*(volatile type *)(address))
#define player (*(Player *)0x00FFB000)
#define screen_x RAM(u16, 0x00FFEE00)
#define screen_y RAM(u16, 0x00FFEE04)
#define screen_x_end RAM(u16, 0x00FFEECA)
#define game_mode RAM(u8, 0x00FFF600)
#define level_end_bonus RAM(u8, 0x00FFF7D6)
#define zone_number RAM(u8, 0x00FFFE10)
#define act_number RAM(u8, 0x00FFFE11)
#define lives RAM(u8, 0x00FFFE12)
#define rings RAM(u16, 0x00FFFE20)
#define minutes RAM(u8, 0x00FFFE23)
#define seconds RAM(u8, 0x00FFFE24)
#define frames RAM(u8, 0x00FFFE25)
#define score RAM(u32, 0x00FFFE26)
#define boot_slot RAM(u8, 0x00FFFFF0) /* the state builder pokes it during the boot screen; nothing else writes it */

#define MODE_BOOT 0x04
#define MODE_PLAY 0x0C
#define MODE_CARD 0x8C

/* ---- pad ---- */

#define PAD_UP 1
#define PAD_DOWN 2
#define PAD_LEFT 4
#define PAD_RIGHT 8
#define PAD_JUMP 0x70 /* A, B and C are one button */
#define PAD_START 0x80

extern u8 pad_held, pad_pressed;
void read_pad(void);

/* ---- levels (generated) ---- */

#define LEVEL_HEIGHT 512
#define PIT 0x7FFF
#define COLUMN_SCREE 1

typedef struct {
    s16 left, right;    /* ground height at both edges of 8 pixels; PIT for none */
    u8 row, shape;      /* surface tile: its row and which of the zone's surface tiles */
    u8 flags, decor;
} Column;

typedef struct {
    u16 x, y;
    u8 kind, option;
    u16 unused; /* eight bytes: indexing needs no multiplication */
} Thing;

enum { THING_RING, THING_SPIKES, THING_SPRING, THING_WALKER, THING_HOPPER, THING_PLATFORM, THING_WALL, THING_GOAL };

typedef struct {
    const Column *columns;
    const Thing *things;
    u16 column_count, thing_count, start_y, end_x;
    u8 zone, act, theme, unused;
} Level;

typedef struct {
    const u16 *foreground_palette, *background_palette;
    const u32 *foreground_tiles, *background_tiles;
    const u16 *background_map;
    u16 foreground_count, background_count;
} Theme;

#define LEVEL_COUNT 18
extern const Level levels[LEVEL_COUNT];
extern const Theme themes[9];
extern const u16 common_palettes[32];
extern const u32 common_tiles[];
extern const u16 common_count;
extern const u32 hero_tiles[]; /* 16 tiles a pose, then a dust cloud */
extern const Level *level;
extern u8 slot;

/* ---- terrain.c ---- */

s16 ground_at(s16 x);               /* height of the ground below x, or PIT */
s16 slope_at(s16 x);                /* rise of the ground over 8 pixels, downwards positive */
u8 is_scree(s16 x);
s16 cliff_between(s16 from, s16 to, s16 feet); /* x of a rise too high to step on, or -1 */

/* ---- player.c ---- */

#define FEET 19
void start_player(u16 x, u16 y);
void move_player(void);
void draw_player(void);
void hurt_player(s16 away);
void kill_player(void);
extern u8 invincible_frames;
extern u16 death_timer;

/* ---- things.c ---- */

void start_things(void);
void move_things(void);
s16 wall_before(s16 from, s16 to, s16 feet, s16 speed, u8 ball); /* x of a standing breakable wall in the way, or -1 */
s16 platform_below(s16 x, s16 feet_before, s16 feet);        /* y of a platform landed on, or PIT */
s16 platform_drift(void);                                       /* pixels the platform stood on moved right */
extern u8 standing_on;

/* ---- video.c ---- */

void start_video(void);
void load_level_video(void);
void show_frame(void);
void begin_sprites(void);
void add_sprite(s16 x, s16 y, u8 size, u16 tile);
void draw_column(u16 column);
void draw_hud(void);
void show_pose(u8 pose);
void show_dust(u8 size);
void follow_camera(void);
void snap_camera(void);
void display(u8 on);

#define SIZE(w, h) ((((w) - 1) << 2) | ((h) - 1))
#define PALETTE(n) ((n) << 13)
#define FLIP_X 0x0800
#define FLIP_Y 0x1000
#define PRIORITY 0x8000

/* ---- sound.c ---- */

enum { SOUND_JUMP, SOUND_RING, SOUND_REV, SOUND_DASH, SOUND_HURT, SOUND_BREAK, SOUND_SPRING, SOUND_GOAL, SOUND_POP };
void start_sound(void);
void play_sound(u8 sound);
void run_sound(void);

#include "tiles.h"
#endif
