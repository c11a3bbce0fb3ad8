"""python -m finetune"""

if __name__ == "__main__":
    from common.start import start

    start("finetune.cli")
