"""python -m experiment"""

if __name__ == "__main__":
    from common.start import start

    start("experiment.commands")
