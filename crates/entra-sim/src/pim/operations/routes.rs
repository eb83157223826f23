//! The operations on one kind of schedule: the same for groups and for directory roles, under other addresses and
//! names.

/// Declares the table of one kind. `$path` is the address up to the word `Schedule`, `$name` the operation up to its
/// last parts, `$type` the published type up to the word `Schedule`. `$area` is what implements
/// [`Area`](crate::pim::area::Area).
macro_rules! schedule_routes {
    (
        $visibility:vis $table:ident, $service:expr, $area:ty, $kind:expr,
        $path:literal, $name:literal, $type:literal, $read:expr, $write:expr
    ) => {
        $crate::route::routes! { $visibility $table, $service;
            post concat!("/", $path, "ScheduleRequests"), $write,
                |tenant, call| $crate::pim::operations::requests::create::<$area>(tenant, call, $kind),
                concat!($name, "Requests.create") => entity(concat!($type, "ScheduleRequest"), concat!($path, "ScheduleRequests"));
            post concat!("/", $path, "ScheduleRequests/{request}/cancel"), $write,
                |tenant, call| $crate::pim::operations::requests::cancel::<$area>(tenant, call, $kind),
                concat!($name, "Requests.cancel");
            get concat!("/", $path, "ScheduleRequests"), $read,
                |tenant, call| $crate::pim::operations::lists::requests::<$area>(tenant, call, $kind),
                concat!($name, "Requests.list") => collection(concat!($type, "ScheduleRequest"), concat!($path, "ScheduleRequests"));
            get concat!("/", $path, "ScheduleRequests/{request}"), $read,
                |tenant, call| $crate::pim::operations::lists::request::<$area>(tenant, call, $kind),
                concat!($name, "Requests.get") => entity(concat!($type, "ScheduleRequest"), concat!($path, "ScheduleRequests"));
            get concat!("/", $path, "ScheduleRequests/filterByCurrentUser(on='{on}')"), $crate::permission::NO_APPLICATION,
                |tenant, call| $crate::pim::operations::lists::my_requests::<$area>(tenant, call, $kind),
                concat!($name, "Requests.mine") => collection(concat!($type, "ScheduleRequest"), concat!($path, "ScheduleRequests"));
            get concat!("/", $path, "Schedules"), $read,
                |tenant, call| $crate::pim::operations::lists::list::<$area>(tenant, call, $kind, $crate::pim::area::RowForm::Schedule),
                concat!($name, "Schedules.list") => collection(concat!($type, "Schedule"), concat!($path, "Schedules"));
            get concat!("/", $path, "Schedules/{schedule}"), $read,
                |tenant, call| $crate::pim::operations::lists::one::<$area>(tenant, call, $kind, $crate::pim::area::RowForm::Schedule),
                concat!($name, "Schedules.get") => entity(concat!($type, "Schedule"), concat!($path, "Schedules"));
            get concat!("/", $path, "Schedules/filterByCurrentUser(on='{on}')"), $crate::permission::NO_APPLICATION,
                |tenant, call| $crate::pim::operations::lists::mine::<$area>(tenant, call, $kind, $crate::pim::area::RowForm::Schedule),
                concat!($name, "Schedules.mine") => collection(concat!($type, "Schedule"), concat!($path, "Schedules"));
            get concat!("/", $path, "ScheduleInstances"), $read,
                |tenant, call| $crate::pim::operations::lists::list::<$area>(tenant, call, $kind, $crate::pim::area::RowForm::Instance),
                concat!($name, "Instances.list") => collection(concat!($type, "ScheduleInstance"), concat!($path, "ScheduleInstances"));
            get concat!("/", $path, "ScheduleInstances/{schedule}"), $read,
                |tenant, call| $crate::pim::operations::lists::one::<$area>(tenant, call, $kind, $crate::pim::area::RowForm::Instance),
                concat!($name, "Instances.get") => entity(concat!($type, "ScheduleInstance"), concat!($path, "ScheduleInstances"));
            get concat!("/", $path, "ScheduleInstances/filterByCurrentUser(on='{on}')"), $crate::permission::NO_APPLICATION,
                |tenant, call| $crate::pim::operations::lists::mine::<$area>(tenant, call, $kind, $crate::pim::area::RowForm::Instance),
                concat!($name, "Instances.mine") => collection(concat!($type, "ScheduleInstance"), concat!($path, "ScheduleInstances"));
        }
    };
}
pub(crate) use schedule_routes;
