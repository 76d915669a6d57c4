"""A module that may not be preloaded."""
import threading

threading.Thread(target=threading.Event().wait, name="left", daemon=True).start()
