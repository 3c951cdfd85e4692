"""Papers: drawn, sealed, registered. The only room that draws PDF."""
