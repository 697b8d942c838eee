"""Promise 承诺: order by when, delivered by when, computed from the timetable and the trunk."""
