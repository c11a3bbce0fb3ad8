"""python -m record"""

if __name__ == "__main__":
    from record.cli import main

    raise SystemExit(main())
