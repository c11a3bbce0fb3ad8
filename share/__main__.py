"""python -m share [policy | dataset]"""

if __name__ == "__main__":
    from common.start import start

    start("share.cli")
