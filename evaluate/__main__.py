"""python -m evaluate"""

if __name__ == "__main__":
    from common.start import start

    start("evaluate.cli")
