| Vectors, cartridge header and start-up code. Nothing here knows the game.

    .section .vectors, "ax"
    .long   0x00FFB000 - 0x1000     | stack grows down from below the player object
    .long   _start
    .rept   26
    .long   _trap
    .endr
    .long   _ignore                 | level 4: horizontal interrupt
    .long   _ignore
    .long   _vertical_blank         | level 6
    .long   _ignore
    .rept   32
    .long   _trap
    .endr

    .ascii  "SEGA MEGA DRIVE "
    .ascii  "(C)2026 QUILLRUS"
    .ascii  "QUILLRUSH                                       "
    .ascii  "QUILLRUSH                                       "
    .ascii  "GM QUILLRUS-00"
    .word   0
    .ascii  "J               "
    .long   0x00000000, 0x0007FFFF
    .long   0x00FF0000, 0x00FFFFFF
    .ascii  "            "
    .ascii  "            "
    .ascii  "                                        "
    .ascii  "JUE             "

    .text
    .globl  _start
_start:
    move.w  #0x2700, %sr
    move.b  0xA10001, %d0           | newer consoles want to see "SEGA" before the VDP answers
    andi.b  #0x0F, %d0
    beq.s   1f
    move.l  #0x53454741, 0xA14000
1:  move.w  #0x0100, 0xA11100       | hold the Z80: the game does without it
    move.w  #0x0100, 0xA11200
    move.b  #0x40, 0xA10009         | pad 1: TH is an output
    move.b  #0x40, 0xA10003
    lea     0x00FF0000, %a0         | clear all of RAM, so that a state holds nothing by chance
    move.w  #0x3FFF, %d0
    moveq   #0, %d1
2:  move.l  %d1, (%a0)+
    dbra    %d0, 2b
    lea     0x00FFA000, %sp
    jsr     game_main
_trap:
    bra.s   _trap

_ignore:
    rte

_vertical_blank:
    addq.w  #1, frame_interrupts
    rte

    .globl  wait_for_vertical_blank
wait_for_vertical_blank:            | STOP until the next frame: idle cycles cost an emulator nothing
    move.w  frame_interrupts, %d0
1:  stop    #0x2500
    cmp.w   frame_interrupts, %d0
    beq.s   1b
    move.w  #0x2700, %sr
    rts

    .globl  __mulsi3                | 32-bit product for the compiler; libgcc's is built for the 68020
__mulsi3:
    move.w  4(%sp), %d0             | high a x low b
    mulu.w  10(%sp), %d0
    move.w  6(%sp), %d1             | low a x high b
    mulu.w  8(%sp), %d1
    add.w   %d1, %d0
    swap    %d0
    clr.w   %d0
    move.w  6(%sp), %d1
    mulu.w  10(%sp), %d1
    add.l   %d1, %d0
    rts

    .bss
    .globl  frame_interrupts
frame_interrupts:
    .word   0

    .section .note.GNU-stack, "", %progbits
