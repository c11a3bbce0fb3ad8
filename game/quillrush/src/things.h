/* Shared by the files of things. */
#ifndef THINGS_H
#define THINGS_H
#include "game.h"

#define MOST_THINGS 400
#define LEVER_SWITCH(option) ((option) & 15)

typedef struct {
    u8 gone; /* 1: beaten or broken, 2: taken or put out */
    u8 timer;
    s16 offset;
} State;

extern State states[MOST_THINGS];
extern u16 first_near; /* the first thing not too far to the left to matter */

s16 sway(u16 time, u8 range, u8 shift);

void start_pieces(void);
void move_pieces(void);
void run_wall(const Thing *t);
void run_door(u16 i, const Thing *t);
void run_arch(const Thing *t);
void run_lever(const Thing *t);

void run_platform(u16 i, const Thing *t);
void run_lift(u16 i, const Thing *t);
void run_spring(u16 i, const Thing *t);
void run_mushroom(u16 i, const Thing *t);
void run_bumper(u16 i, const Thing *t);

void run_walker(u16 i, const Thing *t);
void run_hopper(u16 i, const Thing *t);
void run_flyer(u16 i, const Thing *t);
void run_leaper(u16 i, const Thing *t);
void run_roller(u16 i, const Thing *t);
void run_jet(const Thing *t);
void run_crusher(const Thing *t);
void run_spikes(const Thing *t);

#endif
