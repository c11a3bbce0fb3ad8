"""Upload to the Hugging Face hub, through its own client and only when asked."""

from pathlib import Path
from typing import Any, Literal

HOW_TO_LOG_IN = "Log in with `.venv/bin/hf auth login`, or set HF_TOKEN"


def import_hub() -> Any:
    """The client; ValueError says how to install it where it is not."""
    try:
        import huggingface_hub
    except ImportError as error:
        raise ValueError(
            "--upload needs the package huggingface-hub, which is not installed: `make install-share`."
        ) from error
    return huggingface_hub


def check_ready(repository: str) -> None:
    """ValueError unless the client is there, somebody is logged in, and the repository's name is one. Asks no server."""
    hub = import_hub()
    if repository.count("/") != 1 or not all(repository.split("/")):
        raise ValueError(f"expected --upload NAME/REPOSITORY. Received: {repository}")
    if not hub.get_token():
        raise ValueError(
            f"expected somebody to be logged in to the Hugging Face hub. Received: no token. {HOW_TO_LOG_IN}."
        )


def upload(folder: Path, repository: str, kind: Literal["model", "dataset"]) -> str:
    """Upload a packed folder; returns where it is. The repository is made private where there was none.

    Raises:
        OSError: the hub refused it, or could not be reached.
    """
    api = import_hub().HfApi()
    try:
        api.create_repo(repository, repo_type=kind, private=True, exist_ok=True)
        api.upload_folder(repo_id=repository, folder_path=str(folder), repo_type=kind)
    except Exception as error:  # the client's errors are of a dozen kinds, its HTTP library's among them
        raise OSError(f"{repository} was not uploaded ({error}). The folder is whole: {folder}") from error
    return f"https://huggingface.co/{'datasets/' if kind == 'dataset' else ''}{repository}"
