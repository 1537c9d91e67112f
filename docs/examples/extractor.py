# Data out of a text: the answer is JSON of the form that the schema says.
from langchain_openai import ChatOpenAI

prompt = "Take the meeting out of the text. Leave out what the text does not say."
input = "Ada and Grace meet on Friday at three about the compiler."

meeting = {
    "title": "Meeting",
    "description": "A meeting that the text speaks of.",
    "type": "object",
    "properties": {
        "people": {"type": "array", "items": {"type": "string"}, "description": "Names."},
        "when": {"type": "string"},
        "about": {"type": "string"},
    },
    "required": ["people"],
}

def work(prompt, input):
    model = ChatOpenAI(temperature=0).with_structured_output(meeting)
    found = model.invoke([("system", prompt), ("human", input)])
    return {"people": sorted(found["people"]), "when": found.get("when"), "about": found.get("about")}
