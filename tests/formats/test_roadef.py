"""The reader and writer of challenge files on tiny instances written here, in both forms; every
bad input is one named error.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.domain import NO_PRODUCT, InputError, Stop, Trip
from lmrs_rl.formats.roadef import RoadefInstance, read_instance, read_solution, write_solution

HOURS = 4


def listed(tag: str, item: str, values: list[object]) -> str:
    return f"<{tag}>" + "".join(f"<{item}>{value}</{item}>" for value in values) + f"</{tag}>"


def windows(*spans: tuple[int, int]) -> str:
    return listed(
        "timewindows",
        "TimeWindow",
        [f"<start>{start}</start><end>{end}</end>" for start, end in spans],
    )


def customer(index: int, *extra: str) -> str:
    """A tank of 500 kg that holds 300, uses 10, 20, 30, 40 kg and should not fall under 100."""
    own = listed("allowedTrailers", "int", [0]) + listed("Forecast", "double", [10, 20, 30, 40])
    tank = (
        "<Capacity>500</Capacity><InitialTankQuantity>300</InitialTankQuantity>"
        "<SafetyLevel>100</SafetyLevel>"
    )
    return f"<c><index>{index}</index><setupTime>20</setupTime>{own}{tank}{''.join(extra)}</c>"


def instance_text(drivers: str, sources: str, customers: str, points: int) -> str:
    times = [[abs(p - q) * 15 for q in range(points)] for p in range(points)]
    minutes = "".join(listed("ArrayOfInt", "int", list(row)) for row in times)
    km = "".join(listed("ArrayOfDouble", "double", [value / 2 for value in row]) for row in times)
    trailer = (
        "<t><index>0</index><Capacity>1000</Capacity><InitialQuantity>200</InitialQuantity>"
        "<DistanceCost>1.5</DistanceCost></t>"
    )
    return (
        f"<IRP_Roadef_Challenge_Instance><unit>60</unit><horizon>{HOURS}</horizon><timeMatrices>{minutes}</timeMatrices>"
        f"<drivers>{drivers}</drivers><trailers>{trailer}</trailers><bases><index>0</index></bases><sources>{sources}</sources>"
        f"<customers>{customers}</customers><DistMatrices>{km}</DistMatrices></IRP_Roadef_Challenge_Instance>"
    )


def v1() -> str:
    """Form V1.1: base 0, source 1, tanks 2 and 3; one trailer a driver, no hours, no nights."""
    driver = "<d><index>0</index><maxDrivingDuration>600</maxDrivingDuration>" + windows((0, 240))
    driver += (
        "<trailer>0</trailer><minInterSHIFTDURATION>480</minInterSHIFTDURATION>"
        "<TimeCost>0.25</TimeCost></d>"
    )
    return instance_text(
        driver, "<s><index>1</index><setupTime>30</setupTime></s>", customer(2) + customer(3), 4
    )


def v2() -> str:
    """Form V2: as V1.1, with nights of 600 min, access hours at 2, a least drop at 3, and
    customer 4 who calls in.
    """
    driver = "<d><index>0</index><maxDrivingDuration>100</maxDrivingDuration>" + windows(
        (120, 240), (0, 100)
    )
    driver += (
        listed("trailer", "int", [0])
        + "<minInterSHIFTDURATION>480</minInterSHIFTDURATION><TimeCost>0.25</TimeCost>"
    )
    driver += "<LayoverDuration>600</LayoverDuration><LayoverCost>70</LayoverCost></d>"
    source = (
        "<s><index>1</index><setupTime>30</setupTime>"
        + listed("allowedTrailers", "int", [0])
        + "</s>"
    )
    details = (
        "<earliestTime>30</earliestTime><latestTime>200</latestTime>"
        "<orderQuantityFlexibility>80</orderQuantityFlexibility>"
    )
    ordered = listed("orders", "Order", [details + "<Quantity>50</Quantity>"])
    tank = "<callIn>0</callIn><orders/>"
    first = customer(
        2,
        tank,
        windows((0, 60)),
        "<LayoverCustomer>1</LayoverCustomer><MinOperationQuantity>0</MinOperationQuantity>",
    )
    caller = customer(
        3, "<callIn>1</callIn>", ordered, windows((0, 240)), "<LayoverCustomer>0</LayoverCustomer>"
    )
    last = customer(
        4,
        tank,
        windows((0, 240)),
        "<LayoverCustomer>0</LayoverCustomer><MinOperationQuantity>25</MinOperationQuantity>",
    )
    return instance_text(driver, source, first + caller + last, 5)


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "tiny.xml"
        path.write_text(text)
        return path

    return write


def test_form_v1_is_read(written: Callable[[str], Path]) -> None:
    instance = read_instance(written(v1()))
    network, days = instance.network, instance.days
    assert instance.customer_point == (2, 3)
    assert (network.n_tanks, len(network.call_ins), len(network.sites), days.hours, days.name) == (
        2,
        0,
        1,
        HOURS,
        "tiny",
    )
    assert network.travel_min[1].tolist() == [15, 0, 15, 30]
    assert network.distance_km[1].tolist() == [7.5, 0.0, 7.5, 15.0]
    assert days.use_kg[:, 1].tolist() == [10.0, 20.0, 30.0, 40.0]
    assert days.start.level_kg.tolist() == [300.0, 300.0]
    assert (days.start.load_kg.tolist(), days.start.load_product.tolist()) == ([200.0], [0])
    assert (
        network.vehicles.cost_per_km[0],
        network.drivers.cost_per_min[0],
        network.drivers.night_min[0],
    ) == (1.5, 0.25, 0)
    assert network.tanks.min_drop_kg.tolist() == [0.0, 0.0]
    assert network.drivers.shift_min[0].tolist() == [[0, 240]]
    assert not network.tanks.overnight.any()


def test_form_v2_is_read(written: Callable[[str], Path]) -> None:
    instance = read_instance(written(v2()))
    network, orders = instance.network, instance.days.call_in_orders
    assert instance.customer_point == (2, 4, 3)  # tanks first, then those who call in
    assert network.customers.ids == ("2", "4", "3")
    assert (orders.customer.tolist(), orders.earliest_min.tolist(), orders.latest_min.tolist()) == (
        [2],
        [30],
        [200],
    )
    # 80 % of 50 kg, 50 kg
    assert (orders.min_kg.tolist(), orders.max_kg.tolist()) == (
        [40.0],
        [50.0],
    )
    assert instance.days.start.call_in_orders is orders
    assert network.tanks.overnight.tolist() == [True, False]
    assert network.tanks.min_drop_kg.tolist() == [0.0, 25.0]
    assert network.tanks.access_min[0].tolist() == [[0, 60]]
    assert network.drivers.shift_min[0].tolist() == [[0, 100], [120, 240]]  # sorted
    assert (network.drivers.night_min[0], network.drivers.cost_per_night[0]) == (600, 70.0)


def test_an_empty_trailer_has_no_product(written: Callable[[str], Path]) -> None:
    text = v1().replace("<InitialQuantity>200<", "<InitialQuantity>0<")
    assert read_instance(written(text)).days.start.load_product.tolist() == [NO_PRODUCT]


BAD_INSTANCES = [
    ("horizon", "<horizon>4<", "<horizon>0<"),
    ("unit", "<unit>60<", "<unit>30<"),
    ("<IRP_Roadef_Challenge_Instance>", "<horizon>4</horizon>", ""),
    ("<IRP_Roadef_Challenge_Instance> horizon", "<horizon>4<", "<horizon>four<"),
    ("<IRP_Roadef_Challenge_Instance> horizon", "<horizon>4<", "<horizon>4.5<"),
    ("<c> 2 Forecast", "<double>10</double>", ""),
    ("<c> 2 Forecast", "<double>10</double>", "<double>ten</double>"),
    ("<c> 2 Forecast", "<double>10</double>", "<double>NaN</double>"),
    ("<c> 2 Forecast", "<double>10</double>", "<double/>"),
    ("use_kg[0, 0]", "<double>10</double>", "<double>-10</double>"),
    ("<c> 2 Capacity", "<Capacity>500<", "<Capacity>NaN<"),
    ("tanks.capacity_kg[0]", "<Capacity>500<", "<Capacity>-500<"),
    ("tanks.hit_level_kg[0]", "<SafetyLevel>100<", "<SafetyLevel>500<"),
    ("tanks.setup_min[0]", "<setupTime>20<", "<setupTime>-1<"),
    ("level_kg[0] (2)", "<InitialTankQuantity>300<", "<InitialTankQuantity>500.1<"),
    ("load_kg[0] (0)", "<InitialQuantity>200<", "<InitialQuantity>1000.1<"),
    ("<t> 0 Capacity", "<Capacity>1000<", "<Capacity>1e999<"),
    ("vehicles.capacity_kg[0]", "<Capacity>1000<", "<Capacity>0<"),
    ("customers.allowedTrailers[0]", "<allowedTrailers><int>0<", "<allowedTrailers><int>1<"),
    ("drivers.trailer[0]", "<trailer>0<", "<trailer>1<"),
    ("drivers[0].index", "<drivers><d><index>0<", "<drivers><d><index>1<"),
    ("timeMatrices row 0", "<timeMatrices><ArrayOfInt><int>0</int>", "<timeMatrices><ArrayOfInt>"),
    (
        "timeMatrices row 0",
        "<timeMatrices><ArrayOfInt><int>0</int>",
        "<timeMatrices><ArrayOfInt><int>NaN</int>",
    ),
    ("travel_min[0, 1]", "<int>15</int>", "<int>-15</int>"),
    ("tanks.point[0]", "<c><index>2<", "<c><index>4<"),
    ("tanks.ids[1]", "<c><index>3<", "<c><index>2<"),
    ("<c> 2", "<Capacity>500</Capacity>", ""),
    ("<IRP_Roadef_Challenge_Instance>", "<bases><index>0</index></bases>", ""),
    ("<bases> base index", "<bases><index>0<", "<bases><index>base<"),
    ("vehicles.base_point[0]", "<bases><index>0<", "<bases><index>4<"),
]


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    BAD_INSTANCES,
    ids=[f"{bad or 'no ' + good}"[:50] for _, good, bad in BAD_INSTANCES],
)
def test_a_bad_instance_is_one_error_that_names_the_field(
    written: Callable[[str], Path], field: str, good: str, bad: str
) -> None:
    text = v1().replace(good, bad, 1)
    assert text != v1()
    with pytest.raises(InputError) as raised:
        read_instance(written(text))
    assert raised.value.field == field


def test_matrices_of_two_sizes(written: Callable[[str], Path]) -> None:
    km = "".join(listed("ArrayOfDouble", "double", [7.5] * 3) for _ in range(3))
    with pytest.raises(InputError, match=r"distance_km: got shape \(3, 3\); wanted shape \(4, 4\)"):
        read_instance(
            written(
                v1()[: v1().index("<DistMatrices>")]
                + f"<DistMatrices>{km}</DistMatrices></IRP_Roadef_Challenge_Instance>"
            )
        )


def test_the_nearest_good_values_are_read(written: Callable[[str], Path]) -> None:
    text = (
        v1()
        .replace("<InitialTankQuantity>300<", "<InitialTankQuantity>500<")
        .replace("<InitialQuantity>200<", "<InitialQuantity>1000<")
    )
    start = read_instance(written(text)).days.start
    assert (start.level_kg.tolist(), start.load_kg.tolist()) == ([500.0, 500.0], [1000.0])


def test_an_empty_fleet(written: Callable[[str], Path]) -> None:
    text = v1()[: v1().index("<trailers>")] + "<trailers/>" + v1()[v1().index("<bases>") :]
    with pytest.raises(InputError, match="trailers: got an empty list"):
        read_instance(written(text))


def test_call_in_flags_and_orders_are_checked(written: Callable[[str], Path]) -> None:
    with pytest.raises(InputError, match=r"<c> 3 callIn: got 2; wanted 0 or 1"):
        read_instance(written(v2().replace("<callIn>1<", "<callIn>2<")))
    with pytest.raises(InputError, match=r"call_in_orders\.earliest_min\[0\]"):
        read_instance(written(v2().replace("<earliestTime>30<", "<earliestTime>201<")))
    with pytest.raises(InputError, match=r"<Order> Quantity: got nan"):
        read_instance(written(v2().replace("<Quantity>50<", "<Quantity>nan<")))


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_a_file_cut_in_the_middle(written: Callable[[str], Path], share: float) -> None:
    with pytest.raises(InputError, match="broken XML") as raised:
        read_instance(written(v1()[: int(len(v1()) * share)]))
    assert raised.value.field.endswith("tiny.xml")


def test_a_missing_file_a_folder_and_another_kind_of_file(
    tmp_path: Path, written: Callable[[str], Path]
) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_instance(tmp_path / "absent.xml")
    with pytest.raises(InputError, match="a readable file"):
        read_instance(tmp_path)
    with pytest.raises(
        InputError,
        match=r"got <IRP_Roadef_Challenge_Output>; wanted <IRP_Roadef_Challenge_Instance>",
    ):
        read_instance(written("<IRP_Roadef_Challenge_Output/>"))
    (tmp_path / "binary.xml").write_bytes(bytes(range(256)))
    with pytest.raises(InputError, match="broken XML"):
        read_instance(tmp_path / "binary.xml")


# Solutions. In form V2 the way is 15 min a point: base - source 1 - customer 2 - customer 4 - base
# are 15 + 15 + 30 + 60 = 120 min.


@pytest.fixture
def instance(written: Callable[[str], Path]) -> RoadefInstance:
    return read_instance(written(v2()))


def shift(
    *operations: tuple[int, int, float],
    index: object = 0,
    driver: object = 0,
    trailer: object = 0,
    start: object = 5,
) -> str:
    texts: list[object] = [
        f"<point>{p}</point><arrival>{arrival}</arrival><Quantity>{kg}</Quantity>"
        for p, arrival, kg in operations
    ]
    head = (
        f"<s><index>{index}</index><driver>{driver}</driver><trailer>{trailer}</trailer>"
        f"<start>{start}</start>"
    )
    return head + listed("operations", "o", texts) + "</s>"


def solution(*shifts: str) -> str:
    inside = f"<Shifts>{''.join(shifts)}</Shifts>"
    return f"<IRP_Roadef_Challenge_Output>{inside}</IRP_Roadef_Challenge_Output>"


def test_departures_and_the_return_are_derived(
    instance: RoadefInstance, written: Callable[[str], Path]
) -> None:
    # Load from 20 to 50, drop from 65 to 85, home after 30 min: 60 min of driving, no night.
    (trip,) = read_solution(written(solution(shift((1, 20, -100.0), (2, 65, 60.5)))), instance)
    assert trip == Trip(
        0, 0, 0, 5, 115, (Stop("load", 0, 20, 50, 100.0), Stop("drop", 0, 65, 85, 60.5))
    )


def test_a_call_in_customer_gets_his_number(
    instance: RoadefInstance, written: Callable[[str], Path]
) -> None:
    (trip,) = read_solution(written(solution(shift((3, 50, 45.0)))), instance)
    assert trip.stops[0].place == 2


def test_a_night_before_the_return_where_driving_would_exceed_the_limit(
    instance: RoadefInstance, written: Callable[[str], Path]
) -> None:
    # 120 min over a limit of 100: home at 135 + 60 + 600. With a night on the way to the first stop
    # there is no second one.
    (tired,) = read_solution(
        written(solution(shift((1, 20, -100.0), (2, 65, 50.0), (4, 115, 50.0)))), instance
    )
    assert tired.end_min == 795
    (rested,) = read_solution(
        written(solution(shift((1, 620, -100.0), (2, 665, 50.0), (4, 715, 50.0)))), instance
    )
    assert rested.end_min == 795
    # One minute short of a night on the way is none.
    (waited,) = read_solution(
        written(solution(shift((1, 619, -100.0), (2, 664, 50.0), (4, 714, 50.0)))), instance
    )
    assert waited.end_min == 734 + 60 + 600


@pytest.mark.parametrize(("limit", "home"), [(120, 195), (119, 795)])
def test_a_night_before_the_return_only_over_the_limit(
    limit: int, home: int, written: Callable[[str], Path]
) -> None:
    instance = read_instance(
        written(v2().replace("<maxDrivingDuration>100<", f"<maxDrivingDuration>{limit}<"))
    )
    (trip,) = read_solution(
        written(solution(shift((1, 20, -100.0), (2, 65, 50.0), (4, 115, 50.0)))), instance
    )
    assert trip.end_min == home


def test_form_v1_has_no_nights(written: Callable[[str], Path]) -> None:
    instance = read_instance(
        written(v1().replace("<maxDrivingDuration>600<", "<maxDrivingDuration>1<"))
    )
    (trip,) = read_solution(written(solution(shift((2, 35, 50.0)))), instance)
    assert trip.end_min == 85


def test_round_trip_of_a_solution(
    instance: RoadefInstance, tmp_path: Path, written: Callable[[str], Path]
) -> None:
    operations = (1, 20, -100.0), (2, 65, 0.1 + 0.2), (3, 105, 45.0), (4, 140, 1 / 3)
    trips = read_solution(
        written(solution(shift(*operations), shift((1, 2020, -math.pi), index=1, start=2000))),
        instance,
    )
    write_solution(tmp_path / "out.xml", trips, instance)
    assert read_solution(tmp_path / "out.xml", instance) == trips


def test_trips_are_written_in_order_of_start(
    instance: RoadefInstance, tmp_path: Path, written: Callable[[str], Path]
) -> None:
    (trip,) = read_solution(written(solution(shift((2, 65, 1.0)))), instance)
    moved = replace(trip, start_min=4)
    write_solution(tmp_path / "out.xml", [trip, moved], instance)
    assert [t.start_min for t in read_solution(tmp_path / "out.xml", instance)] == [4, 5]


def test_no_trips_are_a_solution(instance: RoadefInstance, tmp_path: Path) -> None:
    write_solution(tmp_path / "out.xml", [], instance)
    assert read_solution(tmp_path / "out.xml", instance) == ()


BAD_SOLUTIONS = [
    ("shift 0 driver", shift((2, 65, 1.0), driver=1)),
    ("shift 0 driver", shift((2, 65, 1.0), driver=-1)),
    ("shift 0 trailer", shift((2, 65, 1.0), trailer=1)),
    ("shift 0 index", shift((2, 65, 1.0), index=1)),
    ("shift 0 start", shift((2, 65, 1.0), start="noon")),
    ("shift 0 operations", shift()),
    ("shift 0 operation 0 point", shift((0, 65, 1.0))),
    ("shift 0 operation 1 point", shift((2, 65, 1.0), (5, 65, 1.0))),
    ("shift 0 operation 0 Quantity", shift((2, 65, math.nan))),
    ("<s> 0", shift((2, 65, 1.0)).replace("<start>5</start>", "")),
]


@pytest.mark.parametrize(
    ("field", "text"),
    BAD_SOLUTIONS,
    ids=[f"{k} {field}" for k, (field, _) in enumerate(BAD_SOLUTIONS)],
)
def test_a_bad_solution_is_one_error_that_names_the_field(
    field: str, text: str, instance: RoadefInstance, written: Callable[[str], Path]
) -> None:
    with pytest.raises(InputError) as raised:
        read_solution(written(solution(text)), instance)
    assert raised.value.field == field


def test_an_instance_is_no_solution(
    instance: RoadefInstance, written: Callable[[str], Path]
) -> None:
    with pytest.raises(InputError, match="wanted <IRP_Roadef_Challenge_Output>"):
        read_solution(written(v1()), instance)


# Published files, where they are present.

PLANS = [*(f"V_1.{k}" for k in range(1, 12)), "V2.15.best_open", "V2.15.second", "V2.17.best_open"]


@pytest.mark.parametrize("plan", PLANS)
def test_round_trip_of_published_plans(plan: str, shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "roadef2016"
    name = f"Instance_{plan}" if plan.startswith("V_") else ".".join(plan.split(".")[:2])
    instance = read_instance(folder / "instances" / f"{name}.xml")
    trips = read_solution(folder / "plans" / f"{plan}.xml", instance)
    write_solution(tmp_path / "out.xml", trips, instance)
    assert read_solution(tmp_path / "out.xml", instance) == tuple(
        sorted(trips, key=lambda t: (t.start_min, t.driver))
    )


# Table of shared/reference/roadef2016.md: days, tanks + call-in customers, drivers, trailers, kg
# used a day.
SIZES = [
    ("Instance_V_1.1", 30, 12, 0, 2, 2, 30076),
    ("Instance_V_1.2", 30, 12, 0, 2, 2, 30076),
    ("Instance_V_1.3", 10, 53, 0, 1, 1, 14474),
    ("Instance_V_1.4", 10, 64, 0, 2, 2, 20788),
    ("Instance_V_1.5", 10, 54, 0, 2, 1, 17067),
    ("Instance_V_1.6", 35, 54, 0, 2, 1, 17909),
    ("Instance_V_1.7", 10, 99, 0, 6, 3, 51800),
    ("Instance_V_1.8", 3.4, 99, 0, 6, 3, 59730),
    ("Instance_V_1.9", 35, 99, 0, 6, 3, 50231),
    ("Instance_V_1.10", 10, 89, 0, 3, 3, 18764),
    ("Instance_V_1.11", 35, 89, 0, 3, 3, 18989),
    ("V2.15", 10, 131, 3, 4, 3, 23718),
    ("V2.17", 35, 131, 3, 4, 3, 24061),
]


@pytest.mark.parametrize(
    ("name", "count", "tanks", "call_ins", "drivers", "trailers", "kg"),
    SIZES,
    ids=[size[0] for size in SIZES],
)
def test_published_instances_have_their_published_sizes(
    name: str,
    count: float,
    tanks: int,
    call_ins: int,
    drivers: int,
    trailers: int,
    kg: int,
    shared_data: Path,
) -> None:
    instance = read_instance(shared_data / "roadef2016" / "instances" / f"{name}.xml")
    network, days = instance.network, instance.days
    assert days.hours / 24 == pytest.approx(count, abs=0.05)
    assert (
        network.n_tanks,
        len(network.call_ins),
        len(network.drivers),
        len(network.vehicles),
    ) == (tanks, call_ins, drivers, trailers)
    assert np.sum(days.use_kg) / days.hours * 24 == pytest.approx(kg, rel=0.01)
