# An agent that calculates with a function of the script instead of guessing.
import ast
import operator

from langchain.agents import create_agent
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI

prompt = "Answer the question. Calculate with the tool, never in your head."
input = "What is 17 * 23 + 4?"

OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
}

def value(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return node.value
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        operation = OPERATIONS[type(node.op)]
        return operation(value(node.left), value(node.right))
    if isinstance(node, ast.UnaryOp) and type(node.op) in OPERATIONS:
        operation = OPERATIONS[type(node.op)]
        return operation(value(node.operand))
    raise ValueError("only numbers and + - * /")

@tool
def calculate(expression: str) -> str:
    """The value of an expression of numbers, + - * / and brackets, as "2 * (3 + 4)"."""
    try:
        return str(value(ast.parse(expression, mode="eval").body))
    except (SyntaxError, ValueError, ZeroDivisionError) as error:
        return f"That can't be calculated: {error}"

def work(prompt, input):
    agent = create_agent(ChatOpenAI(temperature=0), [calculate], system_prompt=prompt)
    result = agent.invoke({"messages": [("human", input)]})
    return result["messages"][-1].content
