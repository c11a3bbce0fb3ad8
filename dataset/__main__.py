"""python -m dataset [convert | inspect]"""

if __name__ == "__main__":
    from common.start import start

    start("dataset.cli")
