# A translator that is shown how, and that remembers the conversation.
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate, FewShotChatMessagePromptTemplate, MessagesPlaceholder
from langchain_openai import ChatOpenAI

prompt = "Translate into English. Keep names, tone and line breaks. Write the translation and nothing else."
input = "Guten Morgen!"

shown = FewShotChatMessagePromptTemplate(
    examples=[
        {"text": "Wie geht's, Frau Weiß?", "english": "How are you, Frau Weiß?"},
        {"text": "Passt schon {irgendwie}.", "english": "That'll do {somehow}."},
    ],
    example_prompt=ChatPromptTemplate([("human", "{text}"), ("ai", "{english}")]),
)

def work(prompt, input, history):
    chat = ChatPromptTemplate([("system", "{prompt}"), shown, MessagesPlaceholder("history"), ("human", "{input}")])
    chain = chat | ChatOpenAI(temperature=0.2) | StrOutputParser()
    return chain.with_retry(stop_after_attempt=2).invoke({"prompt": prompt, "input": input, "history": history})
