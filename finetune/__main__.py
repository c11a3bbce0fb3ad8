"""python -m finetune"""

if __name__ == "__main__":
    from finetune.cli import main

    raise SystemExit(main())
