# A long text in parts, each to a few sentences, and those to one summary.
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_openai import ChatOpenAI

prompt = "You summarise faithfully, in the language of the text."
input = "Paste a text of a few paragraphs."

def parts(text, size=4000):
    return [text[start:start + size] for start in range(0, len(text), size)]

def work(prompt, input):
    model = ChatOpenAI(temperature=0)
    task = ChatPromptTemplate([("system", prompt), ("human", "Summarise in {length}:\n\n{text}")])
    chain = task | model | StrOutputParser()
    short = chain.batch([{"length": "three sentences", "text": part} for part in parts(input)])
    if len(short) == 1:
        return short[0]
    return chain.invoke({"length": "five points", "text": "\n".join(short)})
