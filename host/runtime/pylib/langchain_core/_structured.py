"""A model that answers with data instead of text."""

from _coverage import NotCoveredArgument
from langchain_core.exceptions import OutputParserException
from langchain_core.messages import AIMessage
from langchain_core.output_parsers import JsonOutputParser
from langchain_core.runnables import RunnableLambda, RunnableParallel, RunnablePassthrough
from langchain_core.tools import described

METHODS = ("function_calling", "json_mode", "json_schema")


def structured(model, schema, method, include_raw):
    if method not in (None, *METHODS):
        raise NotCoveredArgument(f"with_structured_output: method must be one of {', '.join(METHODS)}.")
    if method == "json_mode":
        bound, parser = model, JsonOutputParser()
    else:
        function = described(schema)
        # A tool that the model must call: what every provider here can do, whatever the method's name.
        bound = model.bind(tools=[function], tool_choice=function["name"])
        parser = RunnableLambda(lambda message: _data_of(message, function["name"]), name="data")
    if not include_raw:
        return bound | parser
    parsed = RunnablePassthrough.assign(parsed=lambda both: parser.invoke(both["raw"]), parsing_error=lambda _: None)
    failed = RunnablePassthrough.assign(parsed=lambda _: None)
    return RunnableParallel(raw=bound) | parsed.with_fallbacks([failed], exception_key="parsing_error")


def _data_of(message, name):
    if not isinstance(message, AIMessage):
        raise OutputParserException("A structured output takes a model's message.")
    for call in message.tool_calls:
        if call["name"] == name:
            return call["args"]
    # Some models write the JSON out instead of calling the tool.
    return JsonOutputParser().invoke(message)
