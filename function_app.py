"""The FunctionApp: every blueprint in `functions/`, and how the app logs."""

import importlib
import logging
import pkgutil

import azure.functions as func

import functions

logging.getLogger("azure").setLevel(logging.WARNING)
logging.getLogger("privacy").setLevel(logging.INFO)

app = func.FunctionApp()

for found in pkgutil.iter_modules(functions.__path__):
    if not found.name.startswith("_"):
        app.register_functions(importlib.import_module(f"functions.{found.name}").bp)
