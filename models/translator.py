# Into English, or from English into the language that the first line names. Paid in the chain's coin.
prompt = (
    "You are a translator. When the first line names a language, translate what follows it into that language; "
    "otherwise translate everything into English. Return only the translation, keep names, numbers and formatting."
)
examples = [
    ("Guten Morgen, wie geht es Ihnen?", "Good morning, how are you?"),
    ("Spanish\nThe money comes back by itself.", "El dinero vuelve por sí solo."),
]
input = "Französisch ist eine schöne Sprache."  # an example; the asker's text takes its place
temperature = 0
