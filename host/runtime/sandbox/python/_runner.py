"""Runs a workload's script and reports what it set. Everything that the script is given is data, never source."""

import ast
import inspect
import json
import math
import random
import sys
import traceback
import types

import _bridge
import _coroutines

FILE = "<workload>"
KNOWN = ("prompt", "input", "model", "temperature", "max_tokens", "top_p", "stop", "seed", "examples", "schema")
MOST_TEXT = 1_000_000
MOST_ITEMS = 100_000


class Wrong(Exception):
    """What the author of the script must correct."""

    def __init__(self, code, line, what, cure):
        super().__init__(what)
        self.report = {"type": "wrong", "code": code, "line": line, "what": what, "cure": cure}


# ---- the place of the asker's text ------------------------------------------------------------------------------------


class Reads(ast.NodeVisitor):
    """Whether an expression reads the module's `input`."""

    def __init__(self):
        self.found = False
        self.own = []

    def visit_Name(self, node):
        if node.id == "input" and not any(self.own):
            self.found = True

    def visit_Lambda(self, node):
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if default is not None:
                self.visit(default)
        a = node.args
        every = [*a.posonlyargs, *a.args, *a.kwonlyargs, *filter(None, (a.vararg, a.kwarg))]
        self.own.append(any(one.arg == "input" for one in every))
        self.visit(node.body)
        self.own.pop()

    def comprehension(self, node):
        # The first iterable is evaluated outside of the comprehension, everything else inside.
        first, *others = node.generators
        self.visit(first.iter)
        self.own.append(any(binds(one.target) for one in node.generators))
        for condition in first.ifs:
            self.visit(condition)
        for other in others:
            self.visit(other.iter)
            for condition in other.ifs:
                self.visit(condition)
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
            self.visit(part)
        self.own.pop()

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = comprehension


def reads_input(node):
    visitor = Reads()
    visitor.visit(node)
    return visitor.found


def binds(target):
    return any(isinstance(node, ast.Name) and node.id == "input" for node in ast.walk(target))


class Replace(ast.NodeTransformer):
    """
    Puts the asker's text in the place of every module-level assignment to `input` whose right side does not read `input`.
    Notes the line of each name's last assignment.
    """

    def __init__(self, replacing):
        self.replacing = replacing
        self.places = 0
        self.lines = {}

    def asked(self, node):
        """The asker's text as an expression: a call of a name that no script can write."""
        self.places += 1
        if not self.replacing:
            return node
        call = ast.Call(func=ast.Name(id="<asked>", ctx=ast.Load()), args=[], keywords=[])
        return ast.copy_location(ast.fix_missing_locations(ast.copy_location(call, node)), node)

    def note(self, target, line):
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.lines[node.id] = line

    def visit_Assign(self, node):
        for target in node.targets:
            self.note(target, node.lineno)
        mine = [target for target in node.targets if binds_name(target)]
        self.generic_visit(node)
        if not mine:
            return node
        if all(isinstance(target, ast.Name) for target in mine):
            if not reads_input(node.value):
                node.value = self.asked(node.value)
            return node
        # `prompt, input = "p", "i"`: the element in input's place.
        pair = place_in(mine[0], node.value) if len(node.targets) == 1 else None
        if pair is not None:
            elements, index = pair
            if not reads_input(elements[index]):
                elements[index] = self.asked(elements[index])
            return node
        if reads_input(node.value):
            return node
        # The right side is one value with several parts: it is taken apart first, then input becomes the asker's text.
        after = ast.Assign(targets=[ast.Name(id="input", ctx=ast.Store())], value=self.asked(ast.Name(id="input", ctx=ast.Load())))
        return [node, ast.fix_missing_locations(ast.copy_location(after, node))]

    def visit_AnnAssign(self, node):
        if node.value is None:
            return node
        self.note(node.target, node.lineno)
        self.generic_visit(node)
        if binds_name(node.target) and not reads_input(node.value):
            node.value = self.asked(node.value)
        return node

    def visit_AugAssign(self, node):
        self.note(node.target, node.lineno)
        return self.generic_visit(node)

    def visit_NamedExpr(self, node):
        self.lines[node.target.id] = node.lineno
        self.generic_visit(node)
        if node.target.id == "input" and not reads_input(node.value):
            node.value = self.asked(node.value)
        return node

    # What binds input without being an assignment would pass the asker's text over in silence.

    def refuse(self, line, what):
        raise Wrong(
            "missing",
            line,
            f"input is bound by {what} here, where the asker's text can't take its place.",
            'Use another name here, and assign it: input = "an example".',
        )

    def visit_For(self, node):
        if binds(node.target):
            self.refuse(node.lineno, "a for loop")
        self.note(node.target, node.lineno)
        return self.generic_visit(node)

    def visit_With(self, node):
        for item in node.items:
            if item.optional_vars is not None:
                if binds(item.optional_vars):
                    self.refuse(node.lineno, "a with statement")
                self.note(item.optional_vars, node.lineno)
        return self.generic_visit(node)

    def visit_Import(self, node):
        for name in node.names:
            if (name.asname or name.name.partition(".")[0]) == "input":
                self.refuse(node.lineno, "an import")
        return node

    visit_ImportFrom = visit_Import

    def visit_ExceptHandler(self, node):
        if node.name == "input":
            self.refuse(node.lineno, "an except clause")
        return self.generic_visit(node)

    def visit_MatchAs(self, node):
        if node.name == "input":
            self.refuse(node.lineno, "a match pattern")
        return self.generic_visit(node)

    visit_MatchStar = visit_MatchAs

    def visit_MatchMapping(self, node):
        if node.rest == "input":
            self.refuse(node.lineno, "a match pattern")
        return self.generic_visit(node)

    def definition(self, node):
        # The body has a scope of its own; what is evaluated here is not part of it.
        if node.name == "input":
            self.refuse(node.lineno, "a definition")
        self.lines[node.name] = node.lineno
        node.decorator_list = [self.visit(one) for one in node.decorator_list]
        if isinstance(node, ast.ClassDef):
            node.bases = [self.visit(one) for one in node.bases]
            node.keywords = [self.visit(one) for one in node.keywords]
        else:
            node.args.defaults = [self.visit(one) for one in node.args.defaults]
            node.args.kw_defaults = [one and self.visit(one) for one in node.args.kw_defaults]
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = definition

    def visit_Lambda(self, node):
        node.args.defaults = [self.visit(one) for one in node.args.defaults]
        node.args.kw_defaults = [one and self.visit(one) for one in node.args.kw_defaults]
        return node


def binds_name(target):
    """Whether an assignment to this target binds the name `input` itself (`input.x = 1` does not)."""
    if isinstance(target, ast.Name):
        return target.id == "input"
    if isinstance(target, ast.Starred):
        return binds_name(target.value)
    if isinstance(target, (ast.Tuple, ast.List)):
        return any(binds_name(one) for one in target.elts)
    return False


def place_in(target, value):
    """Where a tuple display holds the value for `input`: (its elements, index); None when that can't be told."""
    if not isinstance(target, (ast.Tuple, ast.List)) or not isinstance(value, (ast.Tuple, ast.List)):
        return None
    if len(target.elts) != len(value.elts):
        return None
    if any(isinstance(one, ast.Starred) for one in [*target.elts, *value.elts]):
        return None
    found = [index for index, one in enumerate(target.elts) if binds_name(one)]
    if len(found) != 1:
        return None
    inner = target.elts[found[0]]
    if isinstance(inner, ast.Name):
        return value.elts, found[0]
    return place_in(inner, value.elts[found[0]])


# ---- values on the wire -------------------------------------------------------------------------------------------------


class Encoder:
    """Plain values as JSON; what JSON has no form for is tagged (see Wire.ts)."""

    def __init__(self, name, line):
        self.name = name
        self.line = line
        self.items = 0

    def encode(self, value, depth=0):
        self.items += 1
        if depth > 100 or self.items > MOST_ITEMS:
            raise Wrong("tooLarge", self.line, f"{self.name} is nested too deeply or holds too much.", "Make it smaller.")
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            if len(value) > MOST_TEXT:
                raise Wrong("tooLarge", self.line, f"{self.name} grows beyond a million characters.", "Shorten it.")
            return str.__str__(value)
        if isinstance(value, int):
            value = int(value)
            if abs(value) < 2**53:
                return value
            if value.bit_length() > 4096:
                raise Wrong("tooLarge", self.line, f"{self.name} holds an enormous number.", "Make it smaller.")
            return {"int": hex(value)}
        if isinstance(value, float):
            value = float(value)
            return value if math.isfinite(value) else {"float": repr(value)}
        if isinstance(value, (list, tuple)):
            return [self.encode(one, depth + 1) for one in value]
        if isinstance(value, dict):
            return {"dict": [[self.encode(key, depth + 1), self.encode(one, depth + 1)] for key, one in value.items()]}
        return {"other": type(value).__name__[:100]}


# ---- the run ------------------------------------------------------------------------------------------------------------


def parse(script, replacing):
    try:
        tree = ast.parse(script, FILE)
    except SyntaxError as error:
        raise Wrong("syntax", error.lineno or 0, f"Python refuses this: {error.msg}.", "Correct the line.") from None
    except (RecursionError, MemoryError, ValueError) as error:
        raise Wrong("syntax", 0, f"Python refuses this script: {str(error) or 'it is nested too deeply'}.", "Make it simpler.") from None
    replace = Replace(replacing)
    try:
        tree = replace.visit(tree)
        code = compile(tree, FILE, "exec")
    except SyntaxError as error:
        raise Wrong("syntax", error.lineno or 0, f"Python refuses this: {error.msg}.", "Correct the line.") from None
    except (RecursionError, ValueError):
        raise Wrong("syntax", 0, "The script is nested too deeply.", "Make it simpler.") from None
    if "prompt" not in replace.lines:
        raise Wrong("missing", 0, "The script never assigns prompt, which tells the model what to do.", 'Add prompt = "...".')
    if replace.places == 0:
        raise Wrong("missing", 0, "The script never assigns input, where the asker's text goes.", 'Add input = "an example".')
    return code, replace.lines


def line_of(error):
    """The last line of the script itself that the exception passed through."""
    line = 0
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == FILE:
            line = number or line
    return line


def raised(error):
    if isinstance(error, Wrong):
        return error.report
    if isinstance(error, SystemExit):
        what = "The script ended itself with sys.exit()."
        return {"type": "wrong", "code": "ended", "line": line_of(error), "what": what, "cure": "Remove the call."}
    if isinstance(error, MemoryError):
        return {"type": "limit", "limit": "memory"}
    try:
        says = str(error)
    except BaseException:
        says = ""
    name = type(error).__name__
    what = f"The script raised {name}: {says}" if says else f"The script raised {name}"
    return {"type": "wrong", "code": "raised", "line": line_of(error), "what": what[:1500].rstrip(".") + ".", "cure": "Handle it, or correct the line."}


def execute(request):
    asked = request.get("input")
    code, lines = parse(request["script"], asked is not None)
    delivered = False

    def give():
        nonlocal delivered
        delivered = True
        return asked

    module = types.ModuleType("workload")
    sys.modules["workload"] = module
    names = module.__dict__
    names["__file__"] = FILE
    names["<asked>"] = give
    exec(code, names)
    if asked is not None and not delivered:
        raise Wrong(
            "missing",
            lines.get("input", 0),
            "No assignment to input was carried out, so the asker's text found no place.",
            'Add input = "an example" at the left edge.',
        )
    work = names.get("work")
    if work is not None and not callable(work):
        raise Wrong("badValue", lines.get("work", 0), "work must be a function.", "Define it: def work(prompt, input): ...")
    values = {}
    for name in KNOWN:
        if name in names and (work is None or counts_beside_work(name, names[name])):
            values[name] = Encoder(name, lines.get(name, 0)).encode(names[name])
    global _begun
    _begun = (work, names, lines.get("work", 0))
    return {"type": "values", "values": values, "lines": {name: lines[name] for name in [*KNOWN, "work"] if name in lines}, "hasWork": work is not None}


def counts_beside_work(name, value):
    """A script with work sets up its calls itself, and `model = ChatOpenAI()` or examples of another form are its own affair."""
    return name in ("prompt", "input") or (name == "model" and isinstance(value, str)) or (name == "schema" and isinstance(value, dict))


def answer(work, names, history, line):
    for name in ("prompt", "input"):
        if not isinstance(names.get(name), str):
            raise Wrong("badValue", line, f"{name} must be text.", "Correct the value.")
    extra = {}
    try:
        parameters = inspect.signature(work).parameters
    except (TypeError, ValueError):
        parameters = {}
    if "history" in parameters:
        extra["history"] = [(speaker, text) for speaker, text in history]
    _bridge._open = True
    try:
        value = work(names["prompt"], names["input"], **extra)
        if inspect.isawaitable(value):
            value = _coroutines.run(value)
    finally:
        _bridge._open = False
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    raise Wrong("badValue", line, f"work returned {type(value).__name__}; an answer is text.", "Return text, a dict or a list.")


_dumps = json.dumps
_loads = json.loads
# The script's work, its names and the line of work, for what comes after its values.
_begun = None


def run(request_json):
    """@returns JSON of `values`, `wrong` or `limit`."""
    request = _loads(request_json)
    # A process starts from an image of the memory, so the generator would give everybody the same numbers.
    random.seed()
    try:
        report = execute(request)
    except BaseException as error:
        report = raised(error)
    return _dumps(report)


def work(history_json):
    """Calls the script's work, once `run` has told of one. @returns JSON of `answer`, `wrong` or `limit`."""
    function, names, line = _begun
    try:
        report = {"type": "answer", "answer": answer(function, names, _loads(history_json), line)}
    except BaseException as error:
        report = raised(error)
    return _dumps(report)


# ---- what a script finds no way to ----------------------------------------------------------------------------------------

REFUSED = frozenset(
    ("js", "pyodide", "pyodide_js", "_pyodide", "_pyodide_core", "micropip", "ctypes", "_ctypes", "_runner")
)


class Refuse:
    """An import hook in front of all others."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in REFUSED:
            raise ImportError(f"{name} is not available to a workload")
        return None


def lock(send):
    """Closes the ways to JavaScript that Python's runtime has; called once before the script is read."""
    from pyodide.ffi import run_sync

    _bridge._send = lambda text: run_sync(send(text))
    for name in [*sys.modules]:
        if name.partition(".")[0] in REFUSED:
            del sys.modules[name]
    finders = [one for one in sys.meta_path if type(one).__name__ == "JsFinder"]
    for finder in finders:
        finder.jsproxies.clear()
    sys.meta_path[:] = [Refuse, *(one for one in sys.meta_path if one not in finders)]
