"""python -m supervised"""

if __name__ == "__main__":
    from supervised.cli import main

    raise SystemExit(main())
