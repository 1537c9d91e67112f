# A draft, a critic, and a better text.
from langchain_core.output_parsers import JsonOutputParser, StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableBranch, RunnableLambda, RunnablePassthrough
from langchain_openai import ChatOpenAI

prompt = "You write product texts of at most 80 words."
input = "A lamp made of recycled glass."

def work(prompt, input):
    model = ChatOpenAI(temperature=0.7)
    write = ChatPromptTemplate([("system", prompt), ("human", "{wish}")]) | model | StrOutputParser()
    judge = (
        ChatPromptTemplate([
            ("system", 'You judge a text for a wish. Answer as JSON: {{"good": true or false, "why": "one sentence"}}'),
            ("human", "Wish: {wish}\n\nText: {draft}"),
        ])
        | ChatOpenAI(temperature=0)
        | JsonOutputParser()
    )
    rewrite = (
        ChatPromptTemplate([
            ("system", prompt),
            ("human", "{wish}"),
            ("ai", "{draft}"),
            ("human", "A critic says: {criticism}\nWrite a better text."),
        ])
        | model
        | StrOutputParser()
    )
    better = RunnablePassthrough.assign(criticism=lambda state: state["judgement"]["why"]) | rewrite
    chain = (
        {"wish": RunnablePassthrough()}
        | RunnablePassthrough.assign(draft=write)
        | RunnablePassthrough.assign(judgement=judge)
        | RunnableBranch((lambda state: state["judgement"]["good"], RunnableLambda(lambda state: state["draft"])), better)
    )
    return chain.invoke(input)
