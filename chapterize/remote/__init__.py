"""The remote editing service.

`workflow.carry` takes one file through a session: upload (`uploads`), `plan`, with its messages
(`brief`, `session`) and its check, render (`renders`) and download (`downloads`). Each step is
recorded in the `journal` before it acts; `spending` reads the balance around what costs credits.

`client` has the calls of the service: it sends a `request` over the `connection`, as `identity`
permits, retries it where that is harmless, and returns `answers` or the agent's `events`. `reply`
shows what the agent says, `wording` reads its prose, and `timeline` reads the state. `intent`
routes a request in the user's own words.
"""
