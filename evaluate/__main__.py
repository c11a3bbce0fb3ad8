"""python -m evaluate"""

if __name__ == "__main__":
    from evaluate.cli import main

    raise SystemExit(main())
