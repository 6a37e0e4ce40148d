"""To whom a deal or a lead is best given: people ranked, with the figures that say why."""
