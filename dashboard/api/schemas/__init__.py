"""What goes in and out of the API, as models: the checks of requests and the document both come from them."""
