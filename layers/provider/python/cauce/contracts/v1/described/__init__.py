"""What each route of the contract takes and answers, in Spanish, for OpenAPI, the pages and the tests of answers."""
