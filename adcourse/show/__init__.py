"""What a person looks at: evaluation traces, graphs, and the one visual style. Importing it doesn't import NumPy."""

from .drawing import Graph, graph
from .picture import figure
from .table import TraceTable, trace

__all__ = ["Graph", "TraceTable", "figure", "graph", "trace"]
