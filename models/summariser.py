# Long text in, five points out. Paid in the chain's coin.
prompt = """Summarise the text that you are given.
- at most five bullet points, the most important first
- only what the text says, with its figures and names
- in the language of the text"""
input = "Paste a text of a few paragraphs."  # an example; the asker's text takes its place
temperature = 0.2
