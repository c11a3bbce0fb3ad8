"""python -m game rom | doctor"""

if __name__ == "__main__":
    from game.cli import main

    raise SystemExit(main())
