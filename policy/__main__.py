"""python -m policy export"""

if __name__ == "__main__":
    from common.start import start

    start("policy.cli")
