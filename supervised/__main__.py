"""python -m supervised"""

if __name__ == "__main__":
    from common.start import start

    start("supervised.cli")
