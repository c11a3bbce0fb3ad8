"""python -m game rom | doctor | playback"""

if __name__ == "__main__":
    from common.start import start

    start("game.cli")
