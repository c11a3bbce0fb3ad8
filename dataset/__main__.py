"""python -m dataset [convert | inspect]"""

if __name__ == "__main__":
    from dataset.cli import main

    raise SystemExit(main())
