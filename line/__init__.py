"""LINE's wire: signature, events, limits, rendering, client, errors. No business words."""
