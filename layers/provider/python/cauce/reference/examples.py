"""The first invoice in six languages: programs that are run by a test as the page shows them.

Their texts are files of the layer of the pages, ``layers/face/docs/ejemplos``.
"""

from dataclasses import dataclass

from cauce.contracts.v1 import pages


@dataclass(frozen=True)
class Example:
    """A program to copy. ``command``: how it is run in the folder where it was saved."""

    language: str
    file: str
    command: str
    is_tried: bool = True
    """Whether the test that runs it ever did, on a machine that has its tool; the page says which were not."""

    @property
    def text(self) -> str:
        return pages.text("docs", "ejemplos", self.file)


EXAMPLES = (
    Example("curl", "emitir.sh", "sh emitir.sh"),
    Example("Python", "emitir.py", "python3 emitir.py"),
    Example("JavaScript", "emitir.mjs", "node emitir.mjs"),
    Example("PHP", "emitir.php", "php emitir.php"),
    Example("Java", "Emitir.java", "java Emitir.java"),
    Example("C#", "Emitir.cs", "dotnet run Emitir.cs", is_tried=False),
)
