// One Python for all: to load it takes longer than everything that it is asked.
import './langchain.ts';
import './models.ts';
import './properties.ts';
