"""The matplotlib backend `module://glovebox_matplotlib`: Agg, whose shown figures are displays.

`plt.show()` sends every open figure and closes it; `figure.show()` sends one and leaves it
open. A figure counts as shown until it changes, so that the end of the program
(`emit_open_figures`) sends each picture once.
"""
from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

FigureCanvas = FigureCanvasAgg
backend_version = "1"


class FigureManager(FigureManagerBase):
    def show(self):
        emit(self.canvas.figure)


def new_figure_manager(num, *args, FigureClass=Figure, **kwargs):
    return new_figure_manager_given_figure(num, FigureClass(*args, **kwargs))


def new_figure_manager_given_figure(num, figure):
    return FigureManager(FigureCanvasAgg(figure), num)


def draw_if_interactive():
    pass


def show(*args, **kwargs):
    emit_open_figures()


def emit(figure):
    import glovebox

    if figure.stale or not getattr(figure, "_glovebox_shown", False):
        glovebox.display(figure)


def emit_open_figures():
    for manager in Gcf.get_all_fig_managers():
        emit(manager.canvas.figure)
        Gcf.destroy(manager.num)
