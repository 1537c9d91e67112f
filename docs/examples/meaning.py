import os
from langchain_openai import ChatOpenAI
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnablePassthrough
from langchain_core.output_parsers import StrOutputParser

prompt = "What is the meaning of life?"
input = "The meaning of life is to be happy."

def work(prompt: str, input: str) -> str:
    model = ChatOpenAI(openai_api_key=os.getenv("OPENAI_API_KEY", ""), temperature=0.1)
    full_prompt = ChatPromptTemplate.from_messages([("system", prompt), ("human", "{input}")])
    chain = {"input": RunnablePassthrough()} | full_prompt | model | StrOutputParser()
    return chain.invoke(input)
