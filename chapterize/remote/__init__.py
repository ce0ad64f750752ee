"""The remote editing service.

`workflow.carry` takes one file through a session: upload, plan (`brief`), message (`session`),
check, render and download (`renders`). Each step is recorded in the `journal` before it acts.

`client` is the only module that talks to the service, as `identity` permits: it sends a `request`,
retries it where that is harmless, and returns `answers` or the agent's `events`. `reply` shows what
the agent says, `wording` reads its prose, and `timeline` reads the state. `intent` routes a request
in the user's own words.
"""
